"""Window arithmetic, worked by hand."""

import pytest

from jaxreview import _windows


def geometry(n, k, **settings):
    return _windows.geometry("f", (n,), (k,), **settings)


def test_output_sizes():
    # 7 cells, window 3: starts 0..4; every second start: 0, 2, 4.
    assert geometry(7, 3).out == (5,)
    assert geometry(7, 3, stride=2).out == (3,)
    # Dilation 2 makes 3 taps cover 5 cells: starts 0, 1, 2.
    assert geometry(7, 3, dilation=2).out == (3,)
    assert geometry(7, 3, padding=1).out == (7,)
    assert geometry(7, 3, padding=[(0, 2)]).out == (7,)


def test_same_depends_on_the_size_when_strided():
    # k = 3, s = 2: ceil(6/2) = 3 windows cover (3-1)*2+3 = 7 cells, one more than 6; ceil(5/2) = 3 cover 7, two more than 5.
    assert geometry(6, 3, stride=2, padding="SAME").padding == ((0, 1),)
    assert geometry(6, 3, stride=2, padding="SAME_LOWER").padding == ((1, 0),)
    assert geometry(5, 3, stride=2, padding="SAME").padding == ((1, 1),)
    # An even window puts its odd cell after.
    assert geometry(5, 4, padding="SAME").padding == ((1, 2),)
    assert geometry(5, 4, padding="SAME_LOWER").padding == ((2, 1),)
    # A stride longer than the window needs no padding at all.
    assert geometry(7, 2, stride=4, padding="SAME").padding == ((0, 0),)


def test_ceil_mode_adds_only_windows_that_start_inside():
    # 5 cells, window 2, stride 2: starts 0, 2, and 4 (half outside) with ceil.
    assert geometry(5, 2, stride=2).out == (2,)
    assert geometry(5, 2, stride=2, ceil_mode=True).out == (3,)
    # 4 cells, window 2, stride 3, padding 1: starts -1, 2, and 5 would lie beyond the last cell: dropped.
    assert geometry(4, 2, stride=3, padding=1, ceil_mode=True).out == (2,)
    # A window larger than the input fits once, as in PyTorch.
    assert geometry(2, 3, stride=2, ceil_mode=True).out == (1,)


def test_cells_and_sources():
    found = geometry(5, 3, stride=2, padding=1, dilation=2)
    # Window 0 starts at -1 and touches -1, 1, 3; the first is padding.
    assert [found.source(0, 0, tap) for tap in range(3)] == [-1, 1, 3]
    assert found.cells(0, 0) == [(1, 1), (2, 3)]
    assert found.overhang(0) == (1, 1)


def test_transpose_sizes_follow_pytorch():
    def size(n, k, **settings):
        return _windows.transpose_geometry("f", (n,), (k,), **settings).spatial

    assert size(5, 3, stride=2) == (11,)
    assert size(5, 3, stride=2, padding=1, output_padding=1) == (10,)
    assert size(4, 3, dilation=2, output_padding=1) == (9,)
    assert size(5, 4, stride=2, padding="SAME") == (10,)
    assert size(5, 2, stride=3, padding="SAME") == (15,)


@pytest.mark.parametrize("padding", ["SAME", "SAME_LOWER"])
@pytest.mark.parametrize(("n", "k", "s", "d"), [(5, 3, 2, 1), (4, 4, 3, 1), (3, 2, 5, 1), (6, 3, 1, 2)])
def test_same_transpose_is_the_transpose_of_same(n, k, s, d, padding):
    up = _windows.transpose_geometry("f", (n,), (k,), stride=s, dilation=d, padding=padding)
    assert _windows.geometry("f", up.spatial, (k,), stride=s, dilation=d, padding=padding) == up


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        (dict(stride=0), ValueError, "stride is 0"),
        (dict(stride=1.5), TypeError, "stride is 1.5"),
        (dict(stride=True), TypeError, "stride is True"),
        (dict(stride=(1, 1)), ValueError, "each of the 1 spatial axes"),
        (dict(padding="same"), ValueError, "'SAME'"),
        (dict(padding=-1), ValueError, "padding is -1"),
        (dict(padding=[(1, 2, 3)]), ValueError, "pair"),
        (dict(dilation=4), ValueError, "window covers 9 cells"),
    ],
)
def test_refusals(settings, error, says):
    with pytest.raises(error, match="f: ") as caught:
        geometry(7, 3, **settings)
    assert says in str(caught.value)


def test_pools_refuse_padding_over_half_the_window():
    with pytest.raises(ValueError, match="at most half"):
        _windows.pool_geometry("f", (6,), (3,), stride=1, padding=2)
    # With dilation 3 the two taps of a window reach over a single cell.
    with pytest.raises(ValueError, match="only padding"):
        _windows.pool_geometry("f", (1,), (2,), stride=1, padding=2, dilation=3)
