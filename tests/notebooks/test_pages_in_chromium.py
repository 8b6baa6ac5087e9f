"""A notebook's page as it is read: its figures follow the reader's light or dark, and are light on paper."""

from pathlib import Path

import nbformat
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from analytics import figures, report
from analytics.theme import DARK, LIGHT, Palette
from tests.support.chromium import chromium

pytestmark = pytest.mark.browser


def page_of_one_figure() -> str:
    drawn = figures.nights_broken(pd.DataFrame({"nights": [5, 3, 2]}, index=["Ada", "Ben", "Cleo"]))
    output = nbformat.v4.new_output("display_data", data={report.FIGURE: drawn.to_plotly_json()})
    cell = nbformat.v4.new_code_cell("show(report['nights'])", outputs=[output])
    return report.page(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Who?"), cell]), inline=True
    )


def rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[place : place + 2], 16)) for place in (1, 3, 5))})"


def test_its_figures_are_light_or_dark_as_the_reader_has_it_and_light_on_paper(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(page_of_one_figure(), encoding="utf-8")
    with chromium() as browser:
        page = browser.new_page(color_scheme="dark")
        page.goto(file.as_uri())
        looks_like(page, DARK)
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        looks_like(page, LIGHT)
        page.emulate_media(media="screen")
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        looks_like(page, DARK)
        page.emulate_media(color_scheme="light")
        looks_like(page, LIGHT)


def looks_like(page: Page, colours: Palette) -> None:
    expect(page.locator(".bars .point path").first).to_have_css("fill", rgb(colours.series[0]))
    expect(page.locator(".figure")).to_have_css("background-color", rgb(colours.surface))
