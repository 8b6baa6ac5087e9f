"""A page that is used without a mouse: Tab to what is called so, Enter, Space, arrows."""

from playwright.sync_api import Page, expect

FARTHEST = 90  # presses of Tab: more means that it cannot be reached
NAME = """() => {
  const at = document.activeElement;
  return (at.getAttribute("aria-label") || at.labels?.[0]?.textContent || at.textContent || "").trim();
}"""


def press(page: Page, name: str, key: str = "Enter") -> None:
    """Tab to what is called so, and press a key there."""
    for _ in range(FARTHEST):
        page.keyboard.press("Tab")
        if str(page.evaluate(NAME)).startswith(name):
            return page.keyboard.press(key)
    raise AssertionError(f"Tab does not reach {name}")


def write(page: Page, field: str, words: str) -> None:
    """Type into the field of a sheet, which has the focus or is reached by Tab."""
    for _ in range(FARTHEST):
        if page.evaluate("document.activeElement.name") == field:
            return page.keyboard.type(words)
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach the field {field}")


def focus_is_kept(page: Page) -> None:
    """What was acted on may be gone; the focus is somewhere near, not at the top of the page again."""
    expect(page.locator("body :focus")).to_have_count(1)
