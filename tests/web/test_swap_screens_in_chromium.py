"""The screens of time off and swaps in Chromium: read by axe in light and dark, and held by 320 px."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from apiflask import APIFlask
from playwright.sync_api import Browser

from app.database import transaction
from app.oncall import swap_release, time_off
from app.oncall.swap_answer import accept
from app.people.models import User
from tests.support import axe, chromium
from tests.support.clock import TestClock
from tests.support.live_app import live, sign_in
from tests.support.oncall import utc
from tests.support.rota import NIGHT_END, NIGHT_START, Rota

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

PICTURES = os.environ.get("NIGHTBELL_PICTURES")
# boxes as the browser draws them, grey in the dark
OF_THE_BROWSER = """[...document.querySelectorAll("input:is([type=checkbox], [type=radio])")]
  .filter((one) => getComputedStyle(one).appearance !== "none").map((one) => one.outerHTML)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.chromium() as browser:
        yield browser


@pytest.fixture
def rota(app: APIFlask, clock: TestClock) -> Rota:
    """Swap 1 is asked for with an offer of a part; swap 2 waits for approval, against time off of its taker."""
    rota = Rota(clock, needs_approval=True)
    asked = rota.ask(note_text="A wedding, three hours away.")
    rota.do(swap_release.offer, asked, rota.bo, start=NIGHT_START, end=utc("2026-11-01 03:00"))
    other = rota.ask(start=utc("2026-10-30 14:00"), end=utc("2026-10-30 22:00"))
    rota.do(accept, other, rota.cy)
    with transaction():
        for user, start, end in (
            (rota.cy, utc("2026-10-30 14:00"), utc("2026-10-30 18:00")),
            (rota.ana, NIGHT_START, NIGHT_END),
        ):
            time_off.add(user_id=user.id, start=start, end=end, note="Away.", by=user, at=rota.clock())
    return rota


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800)])
def test_the_screens_of_time_off_and_swaps_can_be_read_by_everybody(
    app: APIFlask, rota: Rota, browser: Browser, width: int, height: int
) -> None:
    axe.needed()
    asking = f"schedule={rota.schedule.id}&start={NIGHT_START:%Y-%m-%dT%H:%M}Z&end={NIGHT_END:%Y-%m-%dT%H:%M}Z"
    screens: list[tuple[str, User, str]] = [
        ("time-off", rota.ana, "/me/time-off"),
        ("time-off-of-ana", rota.mara, f"/people/{rota.ana.id}/time-off"),
        ("person", rota.mara, f"/people/{rota.ana.id}"),
        ("swaps", rota.mara, "/swaps"),
        ("ask", rota.ana, f"/swaps/new?{asking}"),
        ("ask-on-behalf", rota.mara, f"/swaps/new?owner={rota.ana.id}&{asking}"),
        ("offers", rota.ana, "/swaps/1"),
        ("asked", rota.cy, "/swaps/1"),
        ("approve-against", rota.mara, "/swaps/2"),
        ("swap-rules", rota.mara, f"/schedules/{rota.schedule.id}/swap-rules"),
        ("swap-rules-read", rota.bo, f"/schedules/{rota.schedule.id}/swap-rules"),
    ]
    found = []
    is_phone = width < 840
    with live(app) as address:
        for name, user, path in screens:
            context = chromium.phone(
                browser, viewport={"width": width, "height": height}, is_mobile=is_phone, has_touch=is_phone
            )
            sign_in(context, address, user)
            page = context.new_page()
            page.goto(address + path)
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
            found += axe.problems_on(page) + page.evaluate(OF_THE_BROWSER)
            context.close()
    assert found == []
