"""Every screen the app has, read off its map of addresses, in a real browser: new ones unasked."""

from collections.abc import Iterator

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

WIDTH, HEIGHT = 320, 568  # the narrowest; other sizes and the dark: test_screens_in_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.chromium() as browser:
        yield browser


PARTS = {"incident_live.look"}  # a script puts it into the live page, which is walked itself


@pytest.fixture
def houses(app: APIFlask) -> TwoHouses:
    with transaction():
        return TwoHouses()


def test_every_screen_on_the_map_can_be_read_and_used_by_everybody(
    browser: Browser, app: APIFlask, houses: TwoHouses
) -> None:
    found: list[str] = []
    with (
        live(app) as address,
        chromium.phone(browser, viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light") as context,
    ):
        sign_in(context, address, houses.root)
        for path in screens(app, houses):
            found += readable.faults(context, address + path, width=WIDTH, least=48)
    assert not found, "\n".join(found)


def screens(app: APIFlask, houses: TwoHouses) -> list[str]:
    """The address of each page that an administrator is shown, about what is of Payments."""
    client = app.test_client()
    sign_in_without_script(client, houses.root)
    found = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "GET" not in (rule.methods or set()) or rule.endpoint in PARTS:
            continue
        path = asked("GET", rule, houses.ours).path
        answer = client.get(path)
        if answer.mimetype == "text/html" and answer.status_code not in (204, 302, 303, 308):
            found.append(path)
        answer.close()
    return found
