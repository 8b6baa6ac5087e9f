"""Who is told, by which ways, and who is not."""

import pytest
import sqlalchemy as sa

from app.database import db, transaction
from app.domain.notice import CATEGORIES, Channel, NoticeEvent
from app.domain.words import NoticeCategory, PageKind
from app.notices import listing, preferences
from app.notices.models import Mail, Notice
from app.notices.post import post
from app.paging.models import Page
from app.people.models import User
from tests.support.cast import Cast
from tests.support.clock import TestClock
from tests.support.mail_server import MailBox


def tell(
    clock: TestClock, *to: User, by: User | None = None, event: NoticeEvent = NoticeEvent.TEAM_JOINED
) -> None:
    category = next(each for each, kind in CATEGORIES.items() if event in kind.events)
    with transaction():
        people = [db.session.get_one(User, user.id) for user in to]
        post(category, event, to=people, by=by, title="You are in Search", body="Mara put you in.",
             link="/teams/2", at=clock())  # fmt: skip


def told(user: User) -> list[str]:
    return [notice.title for notice in listing.of(user)]


def mailed() -> list[str]:
    return list(db.session.scalars(sa.select(Mail.to_address).order_by(Mail.id)))


def test_L_NOT_07_nobody_is_told_of_what_they_did_themselves(
    cast: Cast, clock: TestClock, box: MailBox
) -> None:
    tell(clock, cast.ada, cast.mara, by=cast.mara)
    assert (told(cast.ada), told(cast.mara)) == (["You are in Search"], [])
    assert mailed() == ["ada@nightbell.example"]


def test_everybody_is_told_once_and_whoever_has_left_is_not(cast: Cast, clock: TestClock) -> None:
    with transaction():
        db.session.get_one(User, cast.ben.id).is_active = False
    tell(clock, cast.ada, cast.ada, cast.ben)
    assert (len(told(cast.ada)), told(cast.ben)) == (1, [])


def test_a_notice_goes_by_push_to_somebody_who_wants_it_quietly(cast: Cast, clock: TestClock) -> None:
    tell(clock, cast.ada, event=NoticeEvent.COMMAND_GIVEN)
    (page,) = db.session.scalars(sa.select(Page)).all()
    assert (page.kind, page.user_id, str(page.urgency)) == (PageKind.NOTICE, cast.ada.id, "low")
    (notice,) = db.session.scalars(sa.select(Notice)).all()
    assert (page.subject_kind, page.subject_id) == ("notice", notice.id)


def test_somebody_without_a_device_is_told_by_the_other_ways(
    cast: Cast, clock: TestClock, box: MailBox
) -> None:
    tell(clock, cast.cleo, event=NoticeEvent.COMMAND_GIVEN)
    assert db.session.scalars(sa.select(Page)).all() == []
    assert told(cast.cleo)
    assert mailed() == ["cleo@nightbell.example"]


def test_L_NOT_09_a_stakeholder_gets_mail_only_and_where_there_is_none_the_list(
    cast: Cast, clock: TestClock, box: MailBox
) -> None:
    tell(clock, cast.eli, event=NoticeEvent.INCIDENT_STATUS)
    assert (told(cast.eli), mailed()) == ([], ["eli@nightbell.example"])


def test_what_would_go_by_mail_only_is_listed_where_there_is_no_mail(cast: Cast, clock: TestClock) -> None:
    with transaction():
        preferences.choose(
            cast.ada, NoticeCategory.TEAMS, channels=[Channel.EMAIL], on=[NoticeEvent.TEAM_JOINED]
        )
    tell(clock, cast.ada)
    tell(clock, cast.eli, event=NoticeEvent.INCIDENT_STATUS)
    assert told(cast.ada)
    assert told(cast.eli)


def test_L_NOT_03_an_event_that_is_switched_off_is_not_told(cast: Cast, clock: TestClock) -> None:
    with transaction():
        preferences.choose(cast.ada, NoticeCategory.TEAMS, channels=[Channel.APP], on=[NoticeEvent.TEAM_ROLE])
    tell(clock, cast.ada)
    assert told(cast.ada) == []
    tell(clock, cast.ada, event=NoticeEvent.TEAM_ROLE)
    assert told(cast.ada)


def test_L_NOT_04_clearing_all_channels_remembers_what_was_on(cast: Cast) -> None:
    def choose(channels: list[Channel], on: list[NoticeEvent] | None) -> None:
        with transaction():
            preferences.choose(cast.ada, NoticeCategory.TEAMS, channels=channels, on=on)

    choose([Channel.APP], [NoticeEvent.TEAM_JOINED])
    before = preferences.of(cast.ada, NoticeCategory.TEAMS).off
    assert NoticeEvent.TEAM_LEFT in before
    choose([], [NoticeEvent.TEAM_JOINED])
    assert preferences.of(cast.ada, NoticeCategory.TEAMS).is_silent
    choose([Channel.EMAIL], None)  # a silent category's events cannot be ticked
    after = preferences.of(cast.ada, NoticeCategory.TEAMS)
    assert (after.channels, after.off) == ({Channel.EMAIL}, before)


def test_mail_about_the_account_cannot_be_switched_off(cast: Cast, clock: TestClock, box: MailBox) -> None:
    with transaction():
        preferences.choose(cast.ada, NoticeCategory.ACCOUNT, channels=[], on=[])
    tell(clock, cast.ada, event=NoticeEvent.TOKEN_CREATED)
    assert mailed() == ["ada@nightbell.example"]
    assert told(cast.ada)


@pytest.mark.parametrize("text", ["Bcc: all@example.org", "a\r\nBcc: all@example.org\r\n\r\nhello"])
def test_SEC20_a_title_never_becomes_a_header(cast: Cast, clock: TestClock, box: MailBox, text: str) -> None:
    with transaction():
        post(NoticeCategory.TEAMS, NoticeEvent.TEAM_JOINED, to=[cast.ada], by=None, title=text, body=text,
             link=None, at=clock())  # fmt: skip
    (mail,) = db.session.scalars(sa.select(Mail)).all()
    assert "\n" not in mail.subject
    assert "\r" not in mail.subject
