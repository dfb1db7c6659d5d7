"""Numbers worked out by hand and identities of sampling between cells."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxreview import affine_grid, grid_sample

from agree import agree

METHODS = ["nearest", "linear", "cubic"]


def line(*values):
    return jnp.array(values, jnp.float32).reshape(-1, 1)


def at(x, *coordinates, **options):
    return grid_sample(x, line(*coordinates), **options).ravel()


def test_the_first_coordinate_runs_along_the_last_axis():
    x = jnp.arange(6.0).reshape(2, 3, 1)
    # the centre of cell (0, 2) of 2×3 cells is at y = −½ and x = ⅔
    agree(grid_sample(x, jnp.array([[2 / 3, -0.5]])).ravel(), np.array([2.0]), "float32")


def test_zeros_count_for_each_cell_outside():
    # two cells: −1 is half a cell before the first one, −1.5 a whole one
    agree(at(line(4, 8), -1, -1.5, -2, 0, 1), np.array([2.0, 0, 0, 6, 4]))
    agree(at(line(4, 8), -1, 0, 1, 3, align_corners=True), np.array([4.0, 6, 8, 0]))


def test_reflection_by_hand():
    # three cells 0 1 2 at positions 0 1 2, mirrors at −½ and 2½: position −1¼ is mirrored to ¼, position 4 to 1
    agree(at(line(0, 1, 2), (2 * -1.25 + 1) / 3 - 1, (2 * 4 + 1) / 3 - 1, padding_mode="reflection"), np.array([0.25, 1.0]), "float32")
    # with corners aligned the mirrors are at 0 and 2: position −1¼ goes to 1¼, position 5 through −1 to 1
    agree(at(line(0, 1, 2), -2.25, 4, padding_mode="reflection", align_corners=True), np.array([1.25, 1.0]), "float32")


def test_nearest_rounds_half_to_even():
    # positions ½ and 1½ of four cells
    agree(at(line(0, 1, 2, 3), (2 * 0.5 + 1) / 4 - 1, (2 * 1.5 + 1) / 4 - 1, method="nearest"), np.array([0.0, 2]))


def test_cubic_goes_through_the_cells_and_keeps_a_constant():
    x = line(3, -1, 4, 1, 5)
    centres = [(2 * i + 1) / 5 - 1 for i in range(5)]
    agree(at(x, *centres, method="cubic"), x.ravel(), "float32")
    for mode in ("border", "reflection"):
        agree(at(jnp.full((5, 1), 1.5), -3, -0.9, 0.33, 7, method="cubic", padding_mode=mode), np.full(4, 1.5), "float32")


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("spatial", [(4,), (3, 5), (2, 3, 4), (1, 3)])
def test_the_identity_gives_x_back(spatial, method, align):
    x = jnp.asarray(np.random.default_rng(0).standard_normal((2, *spatial, 3)), jnp.float32)
    theta = jnp.broadcast_to(jnp.eye(len(spatial), len(spatial) + 1), (2, len(spatial), len(spatial) + 1))
    grid = affine_grid(theta, spatial, align_corners=align)
    agree(grid_sample(x, grid, method=method, padding_mode="border", align_corners=align), x, "float32")


def test_affine_grid_by_hand():
    theta = jnp.array([[0.0, 2, 1], [1, 0, 0]])  # (x, y) goes to (2y + 1, x)
    agree(affine_grid(theta, (2, 1), align_corners=True), np.array([[[-1.0, 0]], [[3, 0]]]))
    agree(affine_grid(theta, (2, 1)), np.array([[[0.0, 0]], [[2, 0]]]))


@pytest.mark.parametrize("method", ["linear", "cubic"])
def test_a_flip_is_a_flip(method):
    x = jnp.asarray(np.random.default_rng(0).standard_normal((4, 5, 2)), jnp.float32)
    grid = affine_grid(jnp.array([[-1.0, 0, 0], [0, 1, 0]]), (4, 5))
    agree(grid_sample(x, grid, method=method), x[:, ::-1], "float32")


def test_at_the_border_the_coordinate_has_no_gradient():
    def total(g):
        return grid_sample(line(1, 2, 4), g, padding_mode="border").sum()

    # the middle: one cell is ⅔ of a unit, so that the slope is (4 − 2)·3/2 between the cells 1 and 2
    agree(jax.grad(total)(line(-1.2, 0.3, 1.5)).ravel(), np.array([0.0, 3, 0]), "float32")


def test_nearest_has_no_gradient_for_the_grid():
    grid = jnp.asarray(np.random.default_rng(0).uniform(-1, 1, (5, 2)), jnp.float32)
    x = jnp.asarray(np.random.default_rng(1).standard_normal((3, 4, 2)), jnp.float32)
    agree(jax.grad(lambda g: grid_sample(x, g, method="nearest").sum())(grid), jnp.zeros_like(grid))


@pytest.mark.parametrize("mode", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("method", METHODS)
def test_coordinates_far_away_and_nan(method, mode):
    x = line(1, 2, 4)
    y = at(x, np.nan, 1e30, -1e30, 3e9, method=method, padding_mode=mode)
    assert jnp.isnan(y[0])
    assert jnp.isfinite(y[1:]).all()
    if mode == "zeros":
        agree(y[1:], np.zeros(3))
    if mode == "border":
        agree(y[1:], np.array([4.0, 1, 4]), "float32")
    assert jnp.isfinite(jax.grad(lambda g: grid_sample(x, g, method=method, padding_mode=mode).sum())(line(1e30, -1e30, 3e9))).all()


def test_what_is_outside_is_zero_even_beside_an_infinite_cell():
    agree(at(line(np.inf, 2), -5, method="linear"), np.zeros(1))


@pytest.mark.parametrize("dtype", [jnp.float16, jnp.bfloat16])
def test_halves_are_sampled_in_float32(dtype):
    x = jnp.arange(64, dtype=dtype).reshape(64, 1)
    grid = jnp.asarray([[0.25]], dtype)
    assert grid_sample(x, grid).dtype == dtype
    agree(grid_sample(x, grid).astype(jnp.float32).ravel(), np.array([39.5]))


def test_empty_batches():
    assert grid_sample(jnp.zeros((2, 0, 4, 5, 3)), jnp.zeros((2, 0, 6, 2))).shape == (2, 0, 6, 3)
    assert affine_grid(jnp.zeros((0, 2, 3)), (4, 5)).shape == (0, 4, 5, 2)
