"""What came in one message is answered together, wherever it is opened: by the link of a mail, on the alert's
page, on the page that a push opens without a login (feature 36).
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient
from playwright.sync_api import expect

from app import clock
from app.alerts import escalate
from app.alerts.models import Alert, Escalation
from app.database import db, transaction
from app.domain.words import AlertStatus, DeliveryState
from app.paging.channels.registry import Channels
from app.paging.deliver import deliver_due
from app.paging.models import Delivery, PushSubscription
from app.people.models import User
from tests.support import chromium
from tests.support.browser_forms import post
from tests.support.clock import TestClock
from tests.support.live_app import live
from tests.support.mail_server import MailBox
from tests.support.waiting import until
from tests.support.world import World
from tests.web.conftest import SeenBy


@pytest.fixture
def link(app: APIFlask, clock: TestClock, box: MailBox) -> Iterator[str]:
    """Ada has no device. Alert 1 came by itself, then a storm: 2, 3 and 4 in one mail, whose link this is."""
    world = World(clock)
    with transaction():
        db.session.execute(sa.delete(PushSubscription).where(PushSubscription.user_id == world.cast.ada.id))
    channels = Channels.from_settings(app.config["settings"])
    world.fire("First", key="0")
    world.tick()
    deliver_due(channels)
    for number in (2, 3, 4):
        world.fire(f"Pod {number} is gone", key=str(number))
    world.tick()
    deliver_due(channels)
    clock.moment += timedelta(minutes=1)
    while deliver_due(channels):
        pass
    letter = box.letters[1].get_content()
    assert "One tap takes all 3" in letter
    found = re.search(r"/r/\S+", letter)
    assert found is not None
    yield found[0]
    channels.close()


def person(name: str) -> User:
    return db.session.scalars(sa.select(User).where(User.name == name)).one()


def holders() -> list[str | None]:
    db.session.rollback()
    rows = db.session.scalars(sa.select(Alert).order_by(Alert.id).execution_options(populate_existing=True))
    return [each.acknowledged_by and each.acknowledged_by.name for each in rows]


def lead() -> int:
    """The alert whose message it was."""
    along = sa.select(Delivery.bundle_id).where(Delivery.state == DeliveryState.BUNDLED).limit(1)
    return db.session.scalars(sa.select(Delivery).where(Delivery.id.in_(along))).one().page.subject_id


def take(name: str, number: int, seen_by: SeenBy, **fields: str) -> str:
    browser = seen_by(person(name))
    at = f"/alerts/{number}"
    answer = post(browser, f"{at}/acknowledgement", fields, page=at)
    assert answer.status_code == 303
    return browser.get(at).text


def test_36_the_link_names_what_it_takes_and_its_button_takes_all(link: str, client: FlaskClient) -> None:
    seen = client.get(link).text
    assert "Acknowledge all 3" in seen
    assert all(f"Pod {number} is gone" in seen for number in (2, 3, 4))
    assert "First" not in seen
    assert holders() == [None] * 4, "looking takes nothing"
    assert "You have all 3. Nobody else is paged." in client.post(f"{link}/acknowledgement").text
    assert holders() == [None, "Ada", "Ada", "Ada"]
    assert "Acknowledge" not in client.get(link).text


def test_36_what_somebody_else_took_leaves_the_others_to_take(
    link: str, client: FlaskClient, seen_by: SeenBy
) -> None:
    number = lead()
    take("Ben", number, seen_by)
    seen = client.get(link).text
    assert "Ben has it" in seen
    assert "Acknowledge all 2" in seen
    said = client.post(f"{link}/acknowledgement").text
    assert "You have the 2 others. Of this one: Ben has it since" in said
    assert sorted(str(each) for each in holders()) == ["Ada", "Ada", "Ben", "None"]


def test_36_the_page_of_an_alert_takes_all_of_its_message_or_only_itself(link: str, seen_by: SeenBy) -> None:
    ada = seen_by(person("Ada"))
    page = ada.get("/alerts/3").text
    assert "Acknowledge all 3" in page
    assert "In the same message" in page
    assert "Acknowledge all" not in ada.get("/alerts/1").text, "it came by itself"
    assert "Acknowledge all" not in seen_by(person("Mara")).get("/alerts/3").text, "she got no such message"
    assert "You have it. Nobody else is paged." in take("Ada", 3, seen_by)
    assert "Acknowledge all 2" in ada.get("/alerts/4").text
    assert "You have all 2. Nobody else is paged." in take("Ada", 4, seen_by, all="yes")
    assert holders() == [None, "Ada", "Ada", "Ada"]


def test_36_what_needs_a_second_answer_is_not_said_to_be_theirs(link: str, seen_by: SeenBy) -> None:
    with transaction():
        timer = db.session.scalars(sa.select(Escalation).where(Escalation.alert_id == 3)).one()
        timer.policy = {**(timer.policy or {}), "answers": 2}
    assert "You have 2 of 3. The others say who has them." in take("Ada", 4, seen_by, all="yes")
    assert holders() == [None, "Ada", None, "Ada"]


def test_36_INV10_what_came_back_since_is_not_taken_by_the_old_message(link: str, client: FlaskClient) -> None:
    number = next(each for each in (2, 3, 4) if each != lead())
    with transaction():
        escalate.restart(db.session.get_one(Alert, number), at=clock.now())
    assert "Acknowledge all 2" in client.get(link).text
    assert client.post(link, json={"stage": "clicked"}).get_json()["alert"]["takes"] == 2
    assert "You have all 2" in client.post(f"{link}/acknowledgement").text
    assert holders()[number - 1] is None


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # one writer at a time on SQLite
def test_INV9_a_press_for_several_locks_them_in_one_order_and_holds_none_meanwhile(
    link: str, seen_by: SeenBy
) -> None:
    """Or two presses would hold what the other waits for, until the database ends one of them."""
    del link
    ada = seen_by(person("Ada"))
    row = "SELECT id FROM escalation WHERE alert_id = {} FOR UPDATE {}".format
    blocked = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with db.engine.connect() as other, ThreadPoolExecutor(1) as thread:
        other.execute(sa.text(row(2, "")))
        pressed = thread.submit(post, ada, "/alerts/4/acknowledgement", {"all": "yes"}, page="/alerts/4")
        until(lambda: other.scalar(blocked) or pressed.done())
        assert not pressed.done(), "it waits for the second alert, which somebody else is changing"
        assert other.execute(sa.text(row(4, "NOWAIT"))).all(), "and has not taken the fourth before"
        other.rollback()
        pressed.result(timeout=20)
    assert holders() == [None, "Ada", "Ada", "Ada"]


def test_36_who_got_no_such_message_takes_one_alert_whatever_the_form_says(link: str, seen_by: SeenBy) -> None:
    take("Mara", 3, seen_by, all="yes")
    assert holders() == [None, None, "Mara", None]


@pytest.mark.browser
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_36_without_a_login_one_press_takes_all_of_it(app: APIFlask, link: str) -> None:
    number, token = lead(), link.removeprefix("/r/")
    with live(app) as address, chromium.chromium() as browser, chromium.phone(browser) as context:
        page = context.new_page()
        page.goto(f"{address}/alerts/{number}#t={token}")
        page.get_by_role("button", name="Acknowledge all 3").click()
        expect(page.get_by_text("You have all 3. Nobody else is paged.")).to_be_visible()
    assert holders() == [None, "Ada", "Ada", "Ada"]


def test_36_the_page_of_a_push_says_how_many_a_press_takes(link: str, client: FlaskClient) -> None:
    card = client.post(link, json={"stage": "clicked"}).get_json()["alert"]
    assert (card["takes"], card["status"]) == (3, "triggered")
    with transaction():
        db.session.get_one(Alert, lead()).status = AlertStatus.RESOLVED
    assert client.post(link, json={"stage": "clicked"}).get_json()["alert"]["takes"] == 2
