"""Whether everybody can read and use a screen: what axe finds, its width, what can be pressed, its console."""

from playwright.sync_api import BrowserContext, Page

from tests.support import axe, chromium

# Everything that can be pressed, but for links within a sentence and what is only for readers.
TOO_SMALL = """(least) => [...document.querySelectorAll("a, button, input, select, textarea, summary")]
  .filter((one) => one.checkVisibility())
  .filter((one) => !one.matches("[type=hidden], .skip, .for-readers, p a, a.name, .big-title a"))
  .map((one) => [one.outerHTML.slice(0, 80), (one.closest("label") ?? one).offsetHeight])
  .filter(([, height]) => height && height < least)"""


def complaints(page: Page) -> list[str]:
    """What the console says, and what scripts throw, from now on."""
    said: list[str] = []
    page.on(
        "console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def faults(context: BrowserContext, path: str, *, width: int, least: int) -> list[str]:
    """What axe finds, what is wider than the screen or too small to press, and each word in the console."""
    page = context.new_page()
    said = complaints(page)
    page.goto(path)
    chromium.settle(page)
    found = faults_of(page, width=width, least=least)
    found += [line for line in said if "status of 4" not in line]  # a page about what is not there, or over
    page.close()
    return [f"{path}: {fault}" for fault in found]


def faults_of(page: Page, *, width: int, least: int) -> list[str]:
    """The same of a page as it is now, but for its console."""
    found = axe.violations(page)
    if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
        found.append(f"{wide} px wide")
    return [*found, *page.evaluate(TOO_SMALL, least)]
