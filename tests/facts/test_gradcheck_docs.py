"""The Python blocks of docs/check-your-gradient.md run as they stand and say what the page says."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "check-your-gradient.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_a_block_runs(block, capsys):
    exec(compile(block, PAGE.name, "exec"), {})
    assert capsys.readouterr().out


def test_the_first_block_is_five_lines():
    assert len([line for line in BLOCKS[0].splitlines() if line]) <= 5


def test_the_slip_is_named_as_the_page_says(capsys):
    exec(compile(BLOCKS[1], PAGE.name, "exec"), {})
    assert "twice the derivative: a factor 2 too many" in capsys.readouterr().out


def test_every_verdict_is_explained():
    from jaxreview.gradcheck.report import VERDICTS

    for verdict in VERDICTS:
        assert f"`{verdict}`" in PAGE.read_text(encoding="utf-8").lower().replace("`ok`", "`right`")
