"""What a run leaves: JSON that comes back as it was, files that are whole, comparisons, and tables that say what was measured."""

import csv
import dataclasses
import io
import json

import pytest

from jaxreview.speedup import plot, table
from jaxreview.speedup.result import SCHEMA, Result, ResultError, Row, Timing, compare, read, write

LOOP = Timing("loop", "forward", (1.0, 1.2, 1.1))
FAST = Timing("vectorized", "forward", (0.001, 0.0011, 0.0012, 0.0010, 0.0011, 0.0013, 0.0011), 4, 0.05)
EACH = Timing("one by one", "forward", (0.1, 0.11, 0.12, 0.1, 0.11, 0.13), 1, 0.02)
GRADIENT = Timing("vectorized", "gradient", (0.002,) * 6, 1, 0.07)
MAPPED = Timing("vmap", "forward", (0.05,) * 6, 1, 0.07)
DENSE = Row("dense", "linear", "with bias", {"N": 5}, ({"argument": 0, "shapes": [[5, 3]], "data": "digits"},), 5, "", (LOOP, EACH, FAST, GRADIENT))
DRAW = Row("he_normal", "initializers", "a kernel", {}, ({"argument": 0, "shapes": [[4]], "data": "key"},), 4, "a random draw", (EACH, MAPPED))
RESULT = Result(
    date="2026-01-02T03:04:05+00:00",
    machine={"cpu": "A CPU", "cores": 2, "os": "Linux", "python": "3.11.0"},
    device={"platform": "cpu", "kind": "cpu"},
    versions={"jaxreview": "0.1.0", "jax": "0.10.2"},
    commit="0123456789abcdef+changes",
    settings={"dtype": "float32"},
    rows=(DENSE, DRAW),
)


def test_json_comes_back_as_it_was(tmp_path):
    write(tmp_path / "a.json", RESULT.to_json())
    assert read(tmp_path / "a.json") == RESULT
    assert read(tmp_path / "a.json").to_json() == RESULT.to_json()


def test_json_says_what_it_must():
    content = json.loads(RESULT.to_json())
    assert content["schema"] == SCHEMA == "jaxreview.speedup/1"
    assert set(content) == {"schema", "date", "machine", "device", "versions", "commit", "settings", "complete", "failed", "rows"}
    row = content["rows"][0]
    assert set(row) == {"name", "family", "case", "dims", "arrays", "examples", "no_loop", "forms", "speedups"}
    fast = row["forms"][2]
    assert fast == {
        "form": "vectorized",
        "pass": "forward",
        "samples": list(FAST.samples),
        "median": 0.0011,
        "interval": [0.001, 0.0013],
        "coverage": 1 - 2 / 128,
        "repeats": 4,
        "compile_seconds": 0.05,
    }
    over_loop = {"over": "loop", "pass": "forward", "ratio": pytest.approx(1000.0), "interval": pytest.approx([1.0 / 0.0013, 1200.0])}
    assert over_loop in row["speedups"]


def test_json_of_no_rows(tmp_path):
    write(tmp_path / "a.json", dataclasses.replace(RESULT, rows=()).to_json())
    assert read(tmp_path / "a.json").rows == ()


def test_a_function_batched_by_vmap_alone():
    assert DRAW.batched() is MAPPED
    assert DRAW.speedup("one by one")[0] == pytest.approx(2.2)
    assert DRAW.speedup("loop") is None
    assert DRAW.speedup("vmap") is None


def damaged(change):
    content = json.loads(RESULT.to_json())
    change(content)
    return json.dumps(content)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (RESULT.to_json()[:200], "it is no JSON"),
        ("[]", "its schema is None"),
        ('{"schema": "other/1"}', "its schema is 'other/1'; it needs 'jaxreview.speedup/1'"),
        (damaged(lambda c: c.pop("rows")), "'rows' is missing"),
        (damaged(lambda c: c["rows"][0].pop("forms")), "'forms' is missing"),
        (damaged(lambda c: c["rows"][0]["forms"][0].update(samples=[])), "are not positive numbers"),
        (damaged(lambda c: c["rows"][0]["forms"][0].update(samples=["1"])), "are not positive numbers"),
        (damaged(lambda c: c["rows"][0]["forms"][0].update(samples=3)), "it is damaged"),
        (damaged(lambda c: c.update(rows=[1])), "it is damaged"),
        ("\x00\x01", "it is no JSON"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, text, words):
    path = tmp_path / "old.json"
    path.write_text(text)
    with pytest.raises(ResultError, match=words) as refused:
        read(path)
    assert str(refused.value).startswith(f"{path}: ")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ResultError, match="cannot be read"):
        read(tmp_path / "none.json")


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.md"
    write(path, "old")
    with pytest.raises(TypeError):
        write(path, [1])
    assert path.read_text() == "old"
    write(path, b"new")
    assert path.read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["a.md"]


def test_compare_says_faster_same_slower():
    def with_fast(*samples):
        fast = dataclasses.replace(FAST, samples=samples)
        return dataclasses.replace(RESULT, rows=(dataclasses.replace(DENSE, timings=(LOOP, fast)),))

    def verdict(now):
        return {change.form: (change.verdict, change.ratio) for change in compare(RESULT, now)}

    assert verdict(with_fast(*[0.0005] * 6)) == {"loop": ("same", 1.0), "vectorized": ("faster", pytest.approx(2.2))}
    assert verdict(with_fast(*[0.0022] * 6))["vectorized"] == ("slower", pytest.approx(0.5))
    assert verdict(with_fast(*[0.0012] * 6))["vectorized"][0] == "same"


def test_compare_leaves_out_what_is_of_another_size():
    other = dataclasses.replace(RESULT, rows=(dataclasses.replace(DENSE, dims={"N": 6}), DRAW))
    assert {change.name for change in compare(other, RESULT)} == {"he_normal"}
    assert "2 same" in table.changes_text(list(compare(other, RESULT)))


def test_markdown_has_a_line_a_primitive():
    text = table.markdown_rows(RESULT)
    assert text.splitlines()[2].startswith("| `dense` | 5 | 1.10 s | 110 ms | — | — | 1.10 ms | 1,000× (770–1,200) | 100× (77–130) | 2.00 ms | — | 50.0 ms |")
    assert text.splitlines()[3].startswith("| `he_normal` | 4 | — | 110 ms | — | 50.0 ms | — | — | 2.2× (2–2.6) | — | — | 70.0 ms |")
    whole = table.markdown(dataclasses.replace(RESULT, complete=False, failed={"conv": "FormsDifferError: it differs"}))
    assert "interrupted" in whole
    assert "`conv`: FormsDifferError: it differs" in whole
    assert "A CPU, 2 cores, jax 0.10.2, float32, 2026-01-02, commit 0123456789+changes" in whole
    assert "5×3 digits" in whole


def test_terminal_lines_fit_their_header():
    for width in (80, 200):
        lines = [table.header(width), table.line(DENSE, width), table.line(DRAW, width)]
        assert len({len(line) for line in lines}) == 1
        assert len(lines[0]) <= {80: 80, 200: 160}[width]


@pytest.mark.parametrize(("value", "text"), [(9.996e-4, "1.00 ms"), (9.994e-4, "999 µs"), (1.234e-9, "1.23 ns"), (125.0, "125 s"), (0.0999, "99.9 ms")])
def test_seconds_keep_three_digits(value, text):
    assert table.seconds(value) == text


def test_csv_has_a_line_a_form():
    rows = list(csv.DictReader(io.StringIO(table.csv_text(RESULT))))
    assert len(rows) == 6
    assert (rows[0]["primitive"], rows[0]["form"], rows[0]["median_s"], rows[0]["samples"], rows[0]["compile_s"]) == ("dense", "loop", "1.1", "3", "")
    assert float(rows[0]["batched_is_faster"]) == pytest.approx(1000.0)


def test_the_picture_is_a_png():
    assert plot.png(RESULT).startswith(b"\x89PNG")
    with pytest.raises(plot.NothingToDrawError):
        plot.png(dataclasses.replace(RESULT, rows=()))
