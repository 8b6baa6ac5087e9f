"""Every screen of alerts and incidents in a real browser: readable by all, steady, with scripts and without."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from playwright.sync_api import Browser, BrowserContext, expect

from app.database import db, transaction
from app.domain.notice import NoticeEvent
from app.domain.words import AlertStatus, NoticeCategory, Severity
from app.notices.post import post
from app.oncall import shadow, time_off
from app.people.models import Organisation
from tests.oncall.test_ring import Wishes
from tests.support import chromium
from tests.support.clock import TestClock
from tests.support.live_app import live, sign_in
from tests.support.readable import complaints, faults
from tests.support.rota import NIGHT_END, NIGHT_START, Rota
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

SCREENS = (
    "/",
    "/alerts/1",
    "/alerts/2",
    "/alerts/3",
    "/alerts",
    "/incidents",
    "/incidents/1",
    "/incidents/1/live",
    "/incidents/1/timeline",
    "/response-plan",
    "/status",
    "/playbooks",
    "/on-call",
    "/on-call?at=2026-11-14T03:00",
    "/trends",
    "/trends/response",
    "/trends/alerts",
    "/trends/load",
    "/trends/recommendations",
    "/trends/reports",
    "/services/1/trends",
    "/me/profile",
    "/teams",
    "/teams/1",
    "/teams/1?tab=members",
    "/services/1",
    "/escalation-policies/1",
    "/services?tab=deactivated",
    "/people",
    "/people/1",
    "/me/notices",
    "/me/notices/preferences",
    "/handoff",
    "/offline",
    "/nowhere",
)
ON_CALL = (
    "/on-call",
    "/schedules/1",
    "/schedules/1?view=month",
    "/schedules/1/edit",
    "/schedules/1/import",
    "/schedules/1/shadows",
    "/schedules/1/fairness",
    "/schedules/1/swap-rules",
    "/shifts/1?at=2026-10-29T12:00",
    "/swaps",
    "/swaps/new?schedule=1",
    "/swaps/1",
    "/swaps/rings/1",
    "/me/time-off",
    "/me/calendars",
)
SIZES = {"small": (320, 568), "phone": (390, 844), "rail": (900, 700), "desk": (1280, 800)}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.chromium() as browser:
        yield browser


@pytest.fixture
def rota(app: APIFlask, clock: TestClock) -> Rota:
    return Rota(clock)


@pytest.fixture
def address(app: APIFlask, world: World) -> Iterator[str]:
    """Alert 1 waits for Ada, 2 waits too, 3 is Ben's and an incident."""
    world.fire("Checkout errors at 14 %", key="a", severity=Severity.CRITICAL)
    world.fire("Replica lag 41 s on ledger-db, a title that is so long that it needs a second line", key="b")
    world.fire("Auth gateway 502", key="c", severity=Severity.ERROR)
    world.tick()
    world.promote(world.cast.ben, 3)
    with transaction():
        db.session.get_one(Organisation, 1).is_status_public = True
        post(
            NoticeCategory.TEAMS, NoticeEvent.TEAM_JOINED, to=[db.session.merge(world.cast.ada)], by=None,
            title="You are in Search", body="Mara put you into the team.", link="/teams/2", at=world.now,
        )  # fmt: skip
    world.clock.advance(seconds=72)
    with live(app) as address:
        yield address


def as_ada(browser: Browser, address: str, world: World, **options: Any) -> BrowserContext:
    context = chromium.phone(browser, **options)
    sign_in(context, address, world.cast.ada)
    return context


@pytest.mark.parametrize(("size", "theme"), [("phone", "dark"), ("rail", "light")])
def test_every_screen_can_be_read_and_used_by_everybody(
    browser: Browser, address: str, world: World, size: str, theme: str
) -> None:
    width, height = SIZES[size]
    is_mobile = width < 840
    least = 48 if is_mobile else 40
    options: dict[str, Any] = {"viewport": {"width": width, "height": height}, "color_scheme": theme}
    with as_ada(browser, address, world, is_mobile=is_mobile, has_touch=is_mobile, **options) as context:
        found = [
            fault for path in SCREENS for fault in faults(context, address + path, width=width, least=least)
        ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("size", "theme"), [("small", "light"), ("desk", "dark")])
def test_every_screen_of_on_call_can_be_read_and_used_by_everybody(
    browser: Browser, rota: Rota, app: APIFlask, size: str, theme: str
) -> None:
    """A schedule with a swap, a ring of three to answer, hours of nobody, a shadow and time off."""
    width, height = SIZES[size]
    is_mobile = width < 840
    wishes = Wishes(rota)
    wishes.propose()
    with transaction():
        shadow.add(rota.schedule, rota.dan, by=rota.mara, at=rota.clock())
        time_off.add(
            user_id=rota.bo.id, start=NIGHT_START + timedelta(days=4), end=NIGHT_END + timedelta(days=4),
            by=rota.bo, at=rota.clock(),
        )  # fmt: skip
    options: dict[str, Any] = {"viewport": {"width": width, "height": height}, "color_scheme": theme}
    with (
        live(app) as address,
        chromium.phone(browser, is_mobile=is_mobile, has_touch=is_mobile, **options) as context,
    ):
        sign_in(context, address, rota.mara)
        least = 48 if is_mobile else 40
        found = [
            fault for path in ON_CALL for fault in faults(context, address + path, width=width, least=least)
        ]
    assert not found, "\n".join(found)


def test_acknowledging_answers_in_place_and_can_be_undone(browser: Browser, address: str, world: World) -> None:
    with as_ada(browser, address, world) as context:
        page = context.new_page()
        said = complaints(page)
        page.goto(f"{address}/alerts/1")
        page.get_by_role("button", name="Acknowledge").tap()
        expect(page.locator(".toast")).to_contain_text("You have it. Nobody else is paged.")
        expect(page.locator(".dock")).to_contain_text("Resolve")
        page.locator(".toast").get_by_role("button", name="Undo").tap()
        expect(page.locator(".dock")).to_contain_text("I have it. Stop paging others.")
        assert said == []
    assert world.alert().status is AlertStatus.TRIGGERED


def test_the_countdown_runs_by_the_servers_clock_whatever_the_phone_says(
    browser: Browser, address: str, world: World
) -> None:
    with as_ada(browser, address, world) as context:
        page = context.new_page()
        page.clock.install(time="2031-01-01T00:00:00Z")
        page.goto(address)
        expect(page.locator("escalation-countdown")).to_contain_text("Goes to Ben in")
        page.clock.run_for(10_000)
        expect(page.locator("escalation-countdown .left")).to_have_text("3:37")
        page.clock.run_for(160_000)
        expect(page.locator("escalation-countdown .to")).to_have_text("Ben next")


def test_a_screen_that_hears_nothing_says_as_of_when_and_then_lives_again(
    browser: Browser, address: str, world: World
) -> None:
    with as_ada(browser, address, world) as context:
        page = context.new_page()
        page.clock.install()
        page.goto(address)
        expect(page.locator("live-line")).to_have_text("Live")
        context.set_offline(True)
        page.clock.run_for(31_000)
        expect(page.locator("live-line")).to_have_text("as of 03:11:12")
        expect(page.locator("offline-banner")).to_contain_text("You are offline. Shown as of 03:11:12.")
        world.clock.advance(seconds=40)
        context.set_offline(False)
        expect(page.locator("live-line")).to_have_text("Live")
        expect(page.locator("offline-banner")).to_be_empty()


def test_a_new_state_is_swapped_in_without_a_reload(browser: Browser, address: str, world: World) -> None:
    with as_ada(browser, address, world) as context:
        page = context.new_page()
        page.clock.install()
        page.goto(f"{address}/alerts/1")
        page.get_by_label("For whoever reads this alert").fill("half a sentence")
        page.get_by_label("For whoever reads this alert").blur()
        world.acknowledge(world.cast.ben)
        page.clock.run_for(15_000)
        expect(page.locator(".banner")).to_contain_text("Ben has it")
        expect(page.locator(".dock")).to_contain_text("Join")
        assert page.get_by_label("For whoever reads this alert").input_value() == "half a sentence"


def test_nothing_is_swapped_while_a_sheet_is_open(browser: Browser, address: str, world: World) -> None:
    with as_ada(browser, address, world) as context:
        page = context.new_page()
        page.clock.install()
        page.goto(f"{address}/alerts/1")
        page.get_by_role("button", name="Snooze").tap()
        world.acknowledge(world.cast.ben)
        page.clock.run_for(16_000)
        expect(page.locator("dialog[open]")).to_be_visible()
        expect(page.locator(".dock")).to_contain_text("Acknowledge")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_sheet_opens_and_snoozes_with_scripts_and_without(
    browser: Browser, address: str, world: World, scripts: bool
) -> None:
    with as_ada(browser, address, world, java_script_enabled=scripts) as context:
        page = context.new_page()
        page.goto(f"{address}/alerts/1")
        page.get_by_role("button", name="Snooze").tap()
        sheet = page.locator("dialog[open]")
        sheet.get_by_text("4 hours").tap()
        sheet.get_by_role("button", name="Snooze").tap()
        expect(page.locator(".toast")).to_contain_text("It comes back at Thu 12 Nov, 07:11 GMT.")


def test_ticks_say_how_many_the_verb_takes(browser: Browser, address: str, world: World) -> None:
    with as_ada(browser, address, world) as context:
        page = context.new_page()
        page.goto(f"{address}/alerts")
        verb = page.locator(".dock .verb")
        expect(verb).to_have_text("Acknowledge all 2")
        page.locator("#alert-row-1 input").tap()
        expect(verb).to_have_text("Acknowledge 1")
        verb.tap()
        expect(page.locator(".toast")).to_contain_text("1 acked.")
    assert world.alert(2).status is AlertStatus.TRIGGERED


def test_the_keyboard_reaches_the_verbs_and_can_be_switched_off(
    browser: Browser, address: str, world: World
) -> None:
    options: dict[str, Any] = {
        "viewport": {"width": 1280, "height": 800},
        "is_mobile": False,
        "has_touch": False,
    }
    with as_ada(browser, address, world, **options) as context:
        page = context.new_page()
        page.goto(address)
        page.keyboard.press("?")
        page.get_by_role("button", name="Switch single keys off").click()
        page.keyboard.press("a")
        expect(page.locator(".dock")).to_contain_text("Acknowledge")
        page.keyboard.press("?")
        page.get_by_role("button", name="Switch single keys on").click()
        page.keyboard.press("a")
        expect(page.locator(".toast")).to_contain_text("You have it.")
