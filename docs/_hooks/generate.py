"""What mkdocs asks while it builds: the pages that are made from the library itself, their places in the navigation, and the measured tables in others.

The chapters run once a process; which of them is `chapters` under `extra` in mkdocs.yml.
"""

import functools
import re
import sys
from pathlib import Path

from mkdocs.structure.files import File

# mkdocs takes the folder of its hooks off the path again after it has loaded this file.
sys.path.insert(0, str(Path(__file__).parent))

import chapter_pages
import differentiability
import measured
import reference
import torch_table

ROOT = Path(__file__).parents[2]


def on_config(config):
    """Fill the entries of the navigation that end in a slash."""
    wanted = config.extra["chapters"]
    filled = {
        "reference/": reference.nav(),
        "chapters/": chapter_pages.nav(wanted, "en"),
        "chapters/zh/": chapter_pages.nav(wanted, "zh"),
    }
    config.nav = [{title: filled.get(place, place) if isinstance(place, str) else place for title, place in entry.items()} for entry in config.nav]
    return config


def on_files(files, config):
    """Add the generated pages, the figures of the chapters and the committed figures that pages show."""
    made = {**reference.pages(), **_chapters(config.extra["chapters"])}
    for place, content in made.items():
        files.append(File.generated(config, place, content=content))
    for figure in sorted((ROOT / "benchmarks" / "results").glob("*.png")):
        files.append(File.generated(config, f"results/{figure.name}", abs_src_path=str(figure)))
    return files


def on_page_markdown(markdown, page, config, files):
    """Put tables where a page has their mark; a committed figure has its place in the site."""
    made = {
        "torch table": torch_table.markdown,
        "speedup table": measured.speedup_table,
        "speedup excerpt": measured.speedup_excerpt,
        "differentiability": differentiability.markdown,
        "tolerances": differentiability.tolerances,
        "counts": reference.counts,
        "landing loop": lambda: reference.fenced("smooth_l1_loss", title="The loop that defines it"),
    }
    markdown = re.sub(r"<!-- generated: ([\w ]+) -->", lambda mark: made[mark[1]](), markdown)
    return markdown.replace("](../benchmarks/results/", "](results/")


def on_post_build(config):
    """Give the search index as a script too, which a page opened from the disk loads where the browser lets it."""
    folder = Path(config.site_dir) / "search"
    (folder / "search_index.js").write_text("var __index = " + (folder / "search_index.json").read_text(encoding="utf-8"), encoding="utf-8")


@functools.cache
def _chapters(wanted):
    return chapter_pages.pages(wanted)
