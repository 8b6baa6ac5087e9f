"""What axe, the accessibility checker, finds on a page."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

PROGRAM = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
FIND = "async () => (await axe.run()).violations.map((v) => [v.id, ...v.nodes.slice(0, 3).map((n) => n.html)])"


def needed() -> None:
    """Skip the test where axe is not there, but fail in CI. bin/test puts it in place."""
    if not PROGRAM.exists():
        missing = "node_modules/axe-core is missing: `bin/setup` installs it"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)


def problems_on(page: Page) -> list[Any]:
    """Everything wrong on the page as it is now, in light and in dark, and whether 320 px hold it."""
    found: list[Any] = []
    page.evaluate(PROGRAM.read_text())  # run by the debugger, which the page's own policy does not hold back
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # else it looks in mid-transition
        found += [[page.url, scheme, *violation] for violation in page.evaluate(FIND)]
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": 320, "height": 640})
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        found.append([page.url, f"{wide} px wider than a screen of 320 px"])
    page.set_viewport_size(size)
    return found
