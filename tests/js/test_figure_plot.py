"""Trends in a real Chromium: figures drawn under the page's own content policy, and the page without them."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from playwright.sync_api import Browser, Page, expect

from tests.support.chromium import chromium, phone
from tests.support.half_a_year import half_a_year
from tests.support.live_app import live, sign_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
PLOTLY = Path(__file__).parents[2] / "static" / "lib" / "plotly-cartesian.min.js"
LISTEN = """
window.refused = [];
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) =>
  refused.push(`${violatedDirective} ${blockedURI} ${sample}`));
"""


@pytest.fixture
def browser() -> Iterator[Browser]:
    if not PLOTLY.exists():
        missing = "plotly is not in static/lib: `bin/setup` puts it there"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    with chromium() as browser:
        yield browser


@pytest.fixture
def address(app: APIFlask) -> Iterator[str]:
    with live(app) as address:
        yield address


def opened(browser: Browser, app: APIFlask, address: str, **options: Any) -> Page:
    context = phone(browser, base_url=address, service_workers="block", **options)
    sign_in(context, address, half_a_year().ada)
    page = context.new_page()
    page.add_init_script(LISTEN)
    page.goto("/trends")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_figure_is_drawn_and_the_policy_refuses_nothing(
    app: APIFlask, browser: Browser, address: str, scheme: str
) -> None:
    page = opened(browser, app, address, color_scheme=scheme)
    page.goto("/trends/response")
    figures = page.locator("figure-plot")
    expect(figures).to_have_count(4)  # no page was sent: nothing to draw of its legs
    for number in range(4):
        figures.nth(number).scroll_into_view_if_needed()
        expect(figures.nth(number)).to_have_attribute("state", "drawn", timeout=20_000)
    assert page.evaluate("refused") == []
    # the words of a severity wear its colour: in a style attribute the policy would refuse it
    worst = "rgb(155, 28, 49)" if scheme == "light" else "rgb(242, 116, 123)"
    key = figures.nth(1).locator(".marks span span", has_text="critical")
    assert key.evaluate("element => getComputedStyle(element).color") == worst
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_heading_is_whole_on_the_narrowest_phone_and_with_large_letters(
    app: APIFlask, browser: Browser, address: str
) -> None:
    """As text of the page: plotly's own heading ends where the figure does, and its letters stay so."""
    page = opened(browser, app, address, viewport={"width": 320, "height": 640})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    headings = page.locator("figure-plot p")
    page.locator("figure-plot").first.scroll_into_view_if_needed()
    expect(headings.first).to_be_visible(timeout=20_000)
    cut = "all => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"
    assert headings.evaluate_all(cut) == []
    assert float(headings.last.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")) >= 26
    assert page.locator("figure-plot .gtitle").count() == 0
    expect(headings.nth(1)).to_contain_text("line: median", ignore_case=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("name", ["acknowledge-by-week", "alerts-by-hour", "alerts-by-week"])
def test_a_point_leads_in_one_tap_to_what_stands_behind_it(
    app: APIFlask, browser: Browser, address: str, name: str
) -> None:
    page = opened(browser, app, address)
    figure = page.locator(f'figure-plot[name="{name}"]')
    figure.scroll_into_view_if_needed()
    expect(figure).to_have_attribute("state", "drawn", timeout=20_000)
    box = figure.locator(".nsewdrag").bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + box["width"] * 0.62, box["y"] + box["height"] * 0.6)
    expect(page).to_have_url(re.compile("/trends/behind"), timeout=20_000)
    expect(page.locator("main")).to_contain_text("behind this point")
    assert ("hour=" in page.url) == (name == "alerts-by-hour")


def test_figures_far_below_are_not_drawn_before_they_come_near(
    app: APIFlask, browser: Browser, address: str
) -> None:
    page = opened(browser, app, address)
    expect(page.locator("figure-plot").first).to_have_attribute("state", "drawn", timeout=20_000)
    assert page.locator("figure-plot").last.get_attribute("state") is None


def test_a_figure_that_cannot_be_had_leaves_the_sentence_and_the_table(
    app: APIFlask, browser: Browser, address: str
) -> None:
    page = opened(browser, app, address)
    page.route("**/trends/figures*", lambda route: route.abort())
    page.reload()
    figure = page.locator("figure-plot").first
    expect(figure).to_have_attribute("state", "failed", timeout=20_000)
    expect(figure).to_have_text("The figure could not be drawn. The table says the same.")
    expect(page.locator("table").first).to_be_visible()
    expect(page.locator("table").first).to_contain_text("Median")


def test_without_a_script_the_page_says_it_all_and_keeps_no_empty_room(
    app: APIFlask, browser: Browser, address: str
) -> None:
    page = opened(browser, app, address, java_script_enabled=False)
    expect(page.locator("h2", has_text="are acknowledged within")).to_be_visible()
    expect(page.locator("figure-plot").first).to_be_hidden()
    page.get_by_text("How we know").first.click()
    expect(page.get_by_text("From detection").first).to_be_visible()


def test_the_chosen_page_of_trends_is_in_view_on_a_phone(app: APIFlask, browser: Browser, address: str) -> None:
    page = opened(browser, app, address)
    page.goto("/trends/recommendations")
    chosen = page.get_by_role("navigation", name="Pages of Trends").locator("[aria-current]")
    expect(chosen).to_have_text("Recommendations")
    expect(chosen).to_be_in_viewport(ratio=1)


def test_the_door_to_the_notebook_opens_what_it_leads_to(app: APIFlask, browser: Browser, address: str) -> None:
    page = opened(browser, app, address, viewport={"width": 1280, "height": 800}, is_mobile=False)
    page.goto("/trends?team=Payments")  # of one team: Ada's own teams together are in no notebook
    command = page.locator("#notebook")
    expect(command).not_to_be_visible()
    page.get_by_role("link", name="Open notebook").click()
    expect(command).to_be_in_viewport()
    expect(command).to_contain_text("bin/notebooks --source")
    page.get_by_text("All of it in notebooks").click()
    expect(command).not_to_be_visible()
    page.evaluate("void addEventListener('click', (event) => event.preventDefault())")
    page.get_by_role("link", name="Open notebook").click()  # as where a browser opens nothing for a link
    expect(command).to_be_visible()
