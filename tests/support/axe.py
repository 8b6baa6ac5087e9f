"""What axe, the accessibility checker, finds on a page."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

PROGRAM = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
FIND = """async () => (await axe.run({ resultTypes: ["violations"] })).violations
  .map(({ id, nodes }) => [id, nodes[0].html, nodes[0].failureSummary])"""


def needed() -> None:
    """Skip the test where axe is not there, but fail in CI. bin/test puts it in place."""
    if not PROGRAM.exists():
        missing = "node_modules/axe-core is missing: `bin/setup` installs it"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)


def violations(page: Page) -> list[Any]:
    """What axe finds on the page as it is. The debugger runs it: the page's own policy lets nothing else in."""
    needed()
    page.evaluate(PROGRAM.read_text(encoding="utf-8"))
    return list(page.evaluate(FIND))


def problems_on(page: Page) -> list[Any]:
    """Everything wrong on the page as it is now, in light and in dark, and whether 320 px hold it."""
    found: list[Any] = []
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # else it looks in mid-transition
        found += [[page.url, scheme, *violation] for violation in violations(page)]
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": 320, "height": 640})
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        found.append([page.url, f"{wide} px wider than a screen of 320 px"])
    page.set_viewport_size(size)
    return found
