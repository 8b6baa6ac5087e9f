"""A letter that comes by the calendar is ended by one press, without a sign-in, and by its reader alone."""

import re
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.database import db, transaction
from app.domain.notice import CATEGORY_OF, Channel, NoticeEvent
from app.notices import letters, preferences
from app.notices.mail import send_due
from app.notices.models import Mail
from app.notices.post import post
from app.people.models import User
from app.smtp import MailServer
from tests.support.cast import Cast
from tests.support.clock import TestClock
from tests.support.mail_server import MailBox


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    with transaction():
        return Cast()


def tell(cast: Cast, clock: TestClock, event: NoticeEvent = NoticeEvent.DIGEST) -> None:
    with transaction():
        ada = db.session.get_one(User, cast.ada.id)
        post(
            CATEGORY_OF[event],
            event,
            to=[ada],
            by=None,
            title="The week",
            body="9 pages",
            link=None,
            at=clock(),
        )


def link_of(cast: Cast, event: NoticeEvent = NoticeEvent.DIGEST) -> str:
    made = letters.link(db.session.get_one(User, cast.ada.id), event)
    assert made is not None
    return urlsplit(made).path


def queued() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Mail)) or 0


@pytest.mark.parametrize("event", sorted(letters.BY_THE_CALENDAR))
def test_the_letter_says_where_it_ends_and_a_mail_program_ends_it_by_one_press(
    cast: Cast, clock: TestClock, box: MailBox, client: FlaskClient, event: NoticeEvent
) -> None:
    tell(cast, clock, event)
    send_due(MailServer(box.url, sender="nightbell@nightbell.example"))
    (letter,) = box.letters
    address = re.fullmatch(r"<https?://[^/]+(/letters/\S+/removal)>", letter["List-Unsubscribe"])
    assert address is not None
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address.group(1).removesuffix("/removal") in letter.get_content()
    answer = client.post(address.group(1), data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (200, [])
    tell(cast, clock, event)
    assert queued() == 1


def test_looking_changes_nothing_twice_is_once_and_it_can_be_taken_back(
    cast: Cast, clock: TestClock, box: MailBox, client: FlaskClient
) -> None:
    with transaction():
        ada = db.session.get_one(User, cast.ada.id)
        category = CATEGORY_OF[NoticeEvent.DIGEST]
        preferences.choose(
            ada, category, channels={Channel.EMAIL}, on={NoticeEvent.DIGEST, NoticeEvent.TEAM_LEFT}
        )
    where = link_of(cast)
    assert "Send me no more of these" in client.get(where).text
    tell(cast, clock)
    assert queued() == 1
    for _ in range(2):
        assert "No more of these come to ada@" in client.post(f"{where}/removal").text
    assert "Send them again" in client.get(where).text
    tell(cast, clock)
    assert queued() == 1
    assert "Send me no more of these" in client.post(where).text
    tell(cast, clock)
    assert queued() == 2
    kept = preferences.of(db.session.get_one(User, cast.ada.id), category)
    assert kept.channels == {Channel.EMAIL}
    assert NoticeEvent.TEAM_JOINED in kept.off  # what else they chose is as they chose it


def test_what_happens_carries_no_such_link(cast: Cast, clock: TestClock, box: MailBox) -> None:
    tell(cast, clock, NoticeEvent.TEAM_JOINED)
    mail = db.session.scalars(sa.select(Mail)).one()
    assert (mail.leave_url, "/letters/" in mail.text) == (None, False)


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token.replace("digest", "week_ahead"),
        lambda token: token.replace("digest", "role_changed"),
        lambda token: "9" + token,
        lambda token: "9" * 40 + token,
        lambda token: token.partition(".")[0],
        lambda _: "\N{SNOWMAN}",
    ],
)
def test_a_forged_link_is_nobodys(cast: Cast, client: FlaskClient, change: object) -> None:
    assert callable(change)
    where, _, token = link_of(cast).rpartition("/")
    forged = f"{where}/{change(token)}"
    answers = [client.get(forged), client.post(f"{forged}/removal"), client.post(forged)]
    assert {each.status_code for each in answers} == {404}


def test_the_link_of_somebody_who_left_is_nobodys(cast: Cast, client: FlaskClient) -> None:
    where = link_of(cast)
    with transaction():
        db.session.get_one(User, cast.ada.id).is_active = False
    assert client.get(where).status_code == 404
