"""Every screen the app has, read off its map of addresses, in a real browser: new ones unasked."""

from collections.abc import Iterator
from typing import Any

import pytest
from apiflask import APIFlask
from playwright.sync_api import Browser

from app.database import transaction
from tests.support import chromium, readable
from tests.support.browser_forms import sign_in as sign_in_without_script
from tests.support.live_app import live, sign_in
from tests.support.requests_of import asked
from tests.support.two_houses import TwoHouses

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

SIZES = {"small": (320, 568), "desk": (1280, 800)}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.chromium() as browser:
        yield browser


@pytest.fixture
def houses(app: APIFlask) -> TwoHouses:
    with transaction():
        return TwoHouses()


@pytest.mark.parametrize(("size", "theme"), [("small", "light"), ("desk", "dark")])
def test_every_screen_on_the_map_can_be_read_and_used_by_everybody(
    browser: Browser, app: APIFlask, houses: TwoHouses, size: str, theme: str
) -> None:
    width, height = SIZES[size]
    options: dict[str, Any] = {"viewport": {"width": width, "height": height}, "color_scheme": theme}
    is_small = size == "small"
    found: list[str] = []
    with (
        live(app) as address,
        chromium.phone(browser, is_mobile=is_small, has_touch=is_small, **options) as context,
    ):
        sign_in(context, address, houses.root)
        for path in screens(app, houses):
            found += readable.faults(context, address + path, width=width, least=48 if is_small else 40)
    assert not found, "\n".join(found)


def screens(app: APIFlask, houses: TwoHouses) -> list[str]:
    """The address of each page that an administrator is shown, about what is of Payments."""
    client = app.test_client()
    sign_in_without_script(client, houses.root)
    found = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "GET" not in (rule.methods or set()):
            continue
        path = asked("GET", rule, houses.ours).path
        answer = client.get(path)
        if answer.mimetype == "text/html" and answer.status_code not in (204, 302, 303, 308):
            found.append(path)
        answer.close()
    return found
