"""Put the speedup table of a result into the README, between its two marks: ``python benchmarks/readme.py RESULT.json README.md [--check]``."""

import argparse
import sys
from pathlib import Path

from jaxreview.speedup import result, table

BEGIN, END = "<!-- speedup table begin -->", "<!-- speedup table end -->"


def filled(text, measured):
    """The README's text with the table of a result between the marks."""
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise ValueError(f"the README needs the marks {BEGIN} and {END}, once each and in this order")
    head, tail = text[: text.index(BEGIN) + len(BEGIN)], text[text.index(END) :]
    return f"{head}\n{table.described(measured)}:\n\n{table.markdown_rows(measured)}\n{tail}"


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("result", type=Path)
    parser.add_argument("readme", type=Path)
    parser.add_argument("--check", action="store_true", help="change nothing; exit code 1 when the README differs from the result")
    arguments = parser.parse_args(argv)
    try:
        old = arguments.readme.read_text(encoding="utf-8")
        new = filled(old, result.read(arguments.result))
    except (OSError, ValueError) as error:
        sys.exit(f"readme: {error}")
    if arguments.check and new != old:
        sys.exit(f"readme: the table in {arguments.readme} is not that of {arguments.result}; run this without --check")
    if not arguments.check and new != old:
        result.write(arguments.readme, new)


if __name__ == "__main__":
    main()
