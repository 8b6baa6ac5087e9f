"""Mail waits as rows, is tried again, is given up in words, and keeps nothing it need not."""

from datetime import timedelta

import sqlalchemy as sa
from apiflask import APIFlask

from app.database import db, transaction
from app.domain.words import MailState
from app.engine.postman import Postman
from app.notices import mail
from app.notices.models import Mail
from app.people.models import Organisation
from app.smtp import MailServer
from tests.support.cast import Cast
from tests.support.clock import TestClock
from tests.support.late_answer import to_the_next_commit
from tests.support.mail_server import MailBox, silent_server
from tests.support.waiting import until


def queue(clock: TestClock, to: str = "new@nightbell.example") -> int:
    with transaction():
        queued = mail.queue_mail(to, "You are invited", "Come in: https://nb/join/secret", at=clock())
        assert queued is not None
        return queued.id


def row(mail_id: int) -> Mail:
    db.session.rollback()
    return db.session.get_one(Mail, mail_id)


def test_mail_is_sent_once_and_its_text_is_kept_no_longer(
    cast: Cast, clock: TestClock, box: MailBox, server: MailServer
) -> None:
    mail_id = queue(clock)
    assert mail.send_due(server) == 1
    assert mail.send_due(server) == 0
    (letter,) = box.letters
    assert "https://nb/join/secret" in letter.get_content()
    sent = row(mail_id)
    assert (sent.state, sent.text, sent.error, sent.sent_at) == (MailState.SENT, "", None, clock())


def test_without_a_server_nothing_is_queued_and_the_caller_knows(cast: Cast, clock: TestClock) -> None:
    with transaction():
        assert mail.queue_mail("a@nightbell.example", "s", "t", at=clock()) is None
        assert not mail.works()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Mail)) == 0


def test_a_made_up_organisation_sends_no_mail(cast: Cast, clock: TestClock, box: MailBox) -> None:
    with transaction():
        db.session.get_one(Organisation, 1).is_demo = True
        assert mail.queue_mail("a@nightbell.example", "s", "t", at=clock()) is None


def test_mail_that_is_not_taken_goes_again_ever_later_and_is_given_up_after_a_day(
    cast: Cast, clock: TestClock, box: MailBox, server: MailServer
) -> None:
    box.answers["new@nightbell.example"] = "451 not now"
    mail_id = queue(clock)
    waits = []
    while row(mail_id).state is MailState.QUEUED:
        due = row(mail_id).next_attempt_at
        assert due is not None
        waits.append(due - clock.moment)
        clock.moment = due
        assert mail.send_due(server) == 1
    assert waits[:4] == [timedelta(0), timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert max(waits) == timedelta(hours=1)
    given_up = row(mail_id)
    assert given_up.error == "the mail server does not take mail for this address (451)"
    assert given_up.text == ""
    standing = mail.standing(at=clock())
    assert (standing.waiting, standing.failed) == (0, 1)
    assert standing.last_error == given_up.error
    assert [one.id for one in mail.failed(at=clock())] == [mail_id]


def test_an_address_that_the_server_refuses_is_given_up_at_once(
    cast: Cast, clock: TestClock, box: MailBox, server: MailServer
) -> None:
    box.answers["new@nightbell.example"] = "550 nobody of that name"
    refused, fine = queue(clock), queue(clock, "other@nightbell.example")
    assert mail.send_due(server) == 2
    assert row(refused).state is MailState.FAILED
    assert row(fine).state is MailState.SENT


def test_F18_mail_whose_lease_was_over_before_it_could_go_is_left_to_the_next_worker(
    cast: Cast, clock: TestClock, box: MailBox, server: MailServer
) -> None:
    queue(clock)
    with to_the_next_commit(lambda: clock.advance(minutes=1)):
        mail.send_due(server)
    assert box.letters == []
    mail.send_due(server)
    assert len(box.letters) == 1


def test_a_worker_that_comes_back_after_its_lease_is_not_believed(
    cast: Cast, clock: TestClock, box: MailBox, server: MailServer
) -> None:
    mail_id = queue(clock)

    class Slow(MailServer):
        def send(self, letters, *, deadline=0.0):  # type: ignore[no-untyped-def]
            outcomes = super().send(letters)
            clock.advance(seconds=61)
            assert mail.send_due(server) == 1  # another engine finds the lease over
            box.answers["new@nightbell.example"] = "550"
            return outcomes

    mail.send_due(Slow(box.url, sender=server.sender))
    sent = row(mail_id)
    assert (sent.state, sent.attempts) == (MailState.SENT, 2)
    assert len({letter["Message-ID"] for letter in box.letters}) == 1  # a reader's program shows it once


def test_a_mail_server_that_hangs_holds_up_nothing_but_mail(
    app: APIFlask, cast: Cast, clock: TestClock
) -> None:
    with silent_server() as url:
        hanging = MailServer(url, sender="nightbell@nightbell.example")
        app.config["settings"] = app.config["settings"].__class__(
            **{**app.config["settings"].__dict__, "smtp_url": url}
        )
        mail_id = queue(clock)
        postman = Postman(app, hanging)
        assert postman.take() == 1  # and the loop goes on at once
        assert postman.take() == 0  # one round at a time
        until(lambda: row(mail_id).lease_until is not None, within=5)
    postman.close()
    waiting = row(mail_id)
    assert waiting.state is MailState.QUEUED
    assert waiting.error is not None


def test_rows_of_mail_go_after_a_month_unless_it_still_waits(
    cast: Cast, clock: TestClock, box: MailBox, server: MailServer
) -> None:
    sent = queue(clock)
    mail.send_due(server)
    waiting = queue(clock)
    clock.advance(days=31)
    with transaction():
        assert mail.forget_old(at=clock()) == 1
    assert db.session.get(Mail, sent) is None
    assert row(waiting).state is MailState.QUEUED
