"""One contract for both ways by which a page's number reaches a worker: embedded, and by the queue."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app import clock as app_clock
from app import wakeup
from app.database import db, on_sqlite, transaction
from app.domain.timeline import Subject
from app.domain.words import DeliveryState, PageKind, Urgency
from app.engine import Engine
from app.engine.senders import Senders
from app.paging.models import Delivery, Page
from app.paging.page import Message, Place, page_user
from tests.support.cast import Cast
from tests.support.waiting import until


@pytest.fixture
def cast(app: APIFlask) -> Iterator[Cast]:
    app.config["settings"] = _without_canary(app)
    with app_clock.fixed(app_clock.host), transaction():
        cast = Cast()
    with app_clock.fixed(app_clock.host):
        yield cast


def _without_canary(app: APIFlask) -> object:
    return replace(app.config["settings"], canary_url="off")


def ask(cast: Cast, number: int) -> int:
    """A notice for Ada: a page that is due at once. Inside a transaction."""
    page = page_user(
        db.session.merge(cast.ada), Message("Hello", "Nothing is broken.", Urgency.LOW),
        Place(Subject.USER, number), kind=PageKind.NOTICE, reason=[],
        until=app_clock.now() + timedelta(minutes=5), at=app_clock.now(),
    )  # fmt: skip
    assert page is not None
    db.session.flush()
    return page.id


@contextmanager
def running(app: APIFlask) -> Iterator[Engine]:
    engine = Engine(app)
    thread = threading.Thread(target=engine.run)
    thread.start()
    try:
        yield engine
    finally:
        engine.stop()
        thread.join(timeout=30)
    assert not thread.is_alive()


def attempts(page_id: int) -> int:
    db.session.rollback()
    found = sa.select(sa.func.sum(Delivery.attempts)).where(Delivery.page_id == page_id)
    return int(db.session.scalar(found) or 0)


def test_a_woken_page_is_taken_and_one_whose_wake_was_lost_is_found_by_the_sweep(
    app: APIFlask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(app):
        with transaction():
            woken = ask(cast, 1)
        until(lambda: attempts(woken) == 1, within=20, what="the woken page is taken")
        with monkeypatch.context() as lost, transaction():
            lost.setattr(wakeup, "page", lambda _page_id: None)
            silent = ask(cast, 2)
        until(lambda: attempts(silent) == 1, within=20, what="the sweep finds the page")


def test_a_page_that_was_rolled_back_wakes_nobody_and_a_second_wake_changes_nothing(
    app: APIFlask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []
    fleet = wakeup.adapter(on_sqlite=on_sqlite()).Fleet(app.config["settings"].database_url, taken.append)
    fleet.run()
    try:
        with pytest.raises(ZeroDivisionError):
            _ask_in_vain(cast)
        with transaction():
            page_id = ask(cast, 2)
            wakeup.page(lambda page_id=page_id: page_id)
        if on_sqlite():  # one process: the loop that is woken looks for itself
            assert taken == []
        else:
            until(lambda: taken == [page_id, page_id], within=20, what="the queue brought it")
    finally:
        fleet.stop()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # on SQLite there is no queue
def test_the_queue_alone_brings_a_page_to_a_worker_and_what_a_killed_one_left_goes(
    app: APIFlask, cast: Cast
) -> None:
    from app.wakeup import queued

    senders = Senders(app, _NoChannels(), done=lambda: None)  # type: ignore[arg-type]
    with transaction():
        page_id = ask(cast, 1)
    assert senders.take(grace=timedelta(hours=1)) == 0  # the sweep leaves it to the queue
    assert senders.take(of_page=page_id + 1) == 0
    assert senders.take(of_page=page_id) == 1
    senders.close()
    with transaction() as session:
        session.execute(sa.text("UPDATE procrastinate_jobs SET status = 'doing'"))
    with transaction():
        assert queued.forget_lost() == 1
    assert db.session.scalar(sa.text("SELECT count(*) FROM procrastinate_jobs")) == 0
    assert db.session.query(Page).one().deliveries[0].state is not DeliveryState.FAILED


def _ask_in_vain(cast: Cast) -> None:
    with transaction():
        ask(cast, 1)
        raise ZeroDivisionError


class _NoChannels:
    """A line that is dead: nothing here is about what is sent."""
