"""A page, seen by headless Chromium: what it says of itself after it was opened from the disk with no network."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# Runs in the page: is every picture there, does every link of the page lead somewhere, and does anything stick out to the right?
QUESTIONS = """
<script>addEventListener("load", () => setTimeout(() => {
  const all = (what) => [...document.querySelectorAll(what)];
  const wide = document.documentElement.clientWidth;
  const inside = (e) => e.closest(".scroll, pre, details:not([open])") !== null;
  const pre = document.createElement("pre");
  pre.id = "answers";
  pre.textContent = JSON.stringify({
    width: wide,
    scrolls: document.documentElement.scrollWidth - wide,
    sticking: all("body *").filter((e) => !inside(e) && e.getBoundingClientRect().right > wide + 1).map((e) => e.tagName + "." + e.className).slice(0, 5),
    pictures: all("img").length,
    blank: all("img").filter((e) => !(e.complete && e.naturalWidth > 0)).length,
    nameless: all("img").filter((e) => !e.alt).length,
    dead: all("a[href^='#']").filter((e) => document.getElementById(e.hash.slice(1)) === null).map((e) => e.hash),
    unlinked: all("section").filter((e) => document.querySelector(`nav a[href="#${e.id}"]`) === null).map((e) => e.id),
    outside: performance.getEntriesByType("resource").map((e) => e.name).filter((name) => !name.startsWith("data:")),
    paper: getComputedStyle(document.body).backgroundColor,
    sections: all("section").length,
  });
  document.body.append(pre);
}, 300));</script>
"""


def answers(page: Path, folder: Path, *, width: int = 390, height: int = 844, dark: bool = False) -> tuple[dict[str, Any], list[str]]:
    """What the page answers in a window of this size, and the console's errors; the test is skipped where there is no browser."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip("there is no Chromium here")
    asking = folder / "asking.html"
    # The frame is exactly as wide as asked: a headless window has a least width of its own.
    inner = folder / "inner.html"
    inner.write_text(page.read_text(encoding="utf-8").replace("</body>", QUESTIONS + "</body>"), encoding="utf-8")
    asking.write_text(
        f'<!doctype html><body style="margin:0"><iframe id="f" src="inner.html" style="border:0;width:{width}px;height:{height}px"></iframe>'
        "<script>setInterval(() => { const a = document.getElementById('f').contentDocument?.getElementById('answers');"
        " if (a && !document.getElementById('answers')) document.body.append(a.cloneNode(true)); }, 50)</script></body>",
        encoding="utf-8",
    )
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--enable-logging=stderr", "--hide-scrollbars"]
    command += ["--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=8000", "--dump-dom"]
    command += ["--blink-settings=preferredColorScheme=0"] if dark else []
    done = subprocess.run([*command, asking.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    said = re.search(r'<pre id="answers">(.*?)</pre>', done.stdout, re.S)
    assert said, f"the page gave no answers:\n{done.stdout[-500:]}\n{done.stderr[-2000:]}"
    return json.loads(html.unescape(said[1])), [line for line in done.stderr.splitlines() if "CONSOLE" in line]
