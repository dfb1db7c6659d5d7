"""Put the table of a result into the README, between the marks of its kind: ``python benchmarks/readme.py RESULT.json README.md [--check]``.

A result of ``jaxreview speedup`` fills the speedup table, one of ``benchmarks/peers.py conv`` the peer table, one of ``… pool`` the pool table and one of
``… other`` the other table.
"""

import argparse
import sys
from pathlib import Path

from jaxreview.speedup import result, table

import record
import tables


def made(path):
    """The name of a result's table and the text that belongs between its marks."""
    if f'"{record.SCHEMA}"' in path.read_text(encoding="utf-8")[:100]:
        measured = record.read(path)
        return {"conv": "peer table", "pool": "pool table", "other": "other table"}[
            measured.family
        ], f"{tables.described(measured)}:\n\n{tables.markdown(measured)}"
    measured = result.read(path)
    return "speedup table", f"{table.described(measured)}:\n\n{table.markdown_rows(measured)}"


def filled(text, name, inside):
    """The README's text with a table between the marks of its name."""
    begin, end = f"<!-- {name} begin -->", f"<!-- {name} end -->"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ValueError(f"the README needs the marks {begin} and {end}, once each and in this order")
    return f"{text[: text.index(begin) + len(begin)]}\n{inside}\n{text[text.index(end) :]}"


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", type=Path)
    parser.add_argument("readme", type=Path)
    parser.add_argument("--check", action="store_true", help="change nothing; exit code 1 when the README differs from the result")
    arguments = parser.parse_args(argv)
    try:
        old = arguments.readme.read_text(encoding="utf-8")
        new = filled(old, *made(arguments.result))
    except (OSError, ValueError) as error:
        sys.exit(f"readme: {error}")
    if arguments.check and new != old:
        sys.exit(f"readme: the table in {arguments.readme} is not that of {arguments.result}; run this without --check")
    if not arguments.check and new != old:
        result.write(arguments.readme, new)


if __name__ == "__main__":
    main()
