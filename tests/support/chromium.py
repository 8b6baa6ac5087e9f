"""A real, headless Chromium of phone size, driven through Playwright, whose own browsers are not downloaded."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.support import browsers

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
PHONE = {"width": 390, "height": 844}


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser; make contexts in it, or with `phone`."""
    program = browsers.find("chromium", "chromium-browser", "google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def phone(browser: Browser, **options: Any) -> BrowserContext:
    """A context as on a phone held upright, with notifications allowed unless `options` say otherwise."""
    wishes: dict[str, Any] = {
        "viewport": PHONE,
        "device_scale_factor": 2,
        "has_touch": True,
        "is_mobile": True,
        "permissions": ["notifications"],
    }
    return browser.new_context(**(wishes | options))


def settle(page: Page) -> None:
    """Wait until the page's scripts have had their turn and the figures near the view are drawn.

    Not until the network is silent: that takes half a second more for each page, and some pages never are.
    """
    page.evaluate("() => new Promise((turn) => requestIdleCallback(() => requestIdleCallback(turn)))")
    # a page's first figure may wait for the server to read the program that counts
    expect(page.locator("figure-plot[aria-busy]")).to_have_count(0, timeout=20_000)
