"""Signing in: limits that slow a guesser and never keep the owner out, answers that name nobody."""

from datetime import timedelta
from typing import Any

import argon2
import pytest
from apiflask import APIFlask

from app.database import db, transaction
from app.people import passwords, sign_in
from app.people.models import SignInFailure, User
from app.people.sign_in import Attempt, Wait
from tests.support.cast import make_user
from tests.support.clock import THU_0310, TestClock

GOOD = "brass kettle orbit plum"


def begin(
    email: str, clock: TestClock, *, address: str = "192.0.2.7", known: str | None = None
) -> Attempt | Wait:
    with transaction():
        return sign_in.begin(email, address=address, known_browser=known, at=clock())


@pytest.fixture
def ada(app: APIFlask) -> User:
    with transaction():
        return make_user("Ada", password_hash=passwords.hashed(GOOD))


def test_the_right_password_is_its_persons_and_forgets_the_wrong_tries(ada: User, clock: TestClock) -> None:
    for _ in range(3):
        attempt = begin("ada@nightbell.example", clock)
        assert isinstance(attempt, Attempt)
    assert sign_in.check(attempt, "wrong") is None
    attempt = begin("  ADA@nightbell.example ", clock)
    assert isinstance(attempt, Attempt)
    assert sign_in.check(attempt, GOOD) == ada
    with transaction():
        sign_in.succeed(attempt, ada)
    left = db.session.scalars(db.select(SignInFailure.key)).all()
    assert len(left) == 3  # the address keeps what was tried before
    assert attempt.own not in left


@pytest.mark.parametrize(
    ("failures", "wait"), [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (12, 128), (14, 300), (5000, 300)]
)
def test_SEC14_each_further_try_waits_twice_as_long_but_never_over_five_minutes(
    failures: int, wait: int
) -> None:
    moments = [THU_0310 - timedelta(seconds=n) for n in range(failures)]
    assert sign_in.wait_after(moments, free=5, now=THU_0310) == timedelta(seconds=wait)
    assert sign_in.wait_after(moments, free=5, now=THU_0310 + timedelta(seconds=wait)) == timedelta(0)


def test_SEC14_a_thousand_guesses_at_one_account_are_blocked_and_the_owners_browser_is_not(
    ada: User, clock: TestClock
) -> None:
    let_in = sum(
        isinstance(begin("ada@nightbell.example", clock, address=f"198.51.100.{n % 250}"), Attempt)
        for n in range(1000)
    )
    assert let_in == 5
    assert isinstance(begin("ada@nightbell.example", clock, known="her phone"), Attempt)


def test_SEC14_one_address_cannot_walk_through_many_accounts(app: APIFlask, clock: TestClock) -> None:
    answers = [begin(f"somebody{n}@nightbell.example", clock) for n in range(40)]
    assert sum(isinstance(answer, Attempt) for answer in answers) == 20
    assert isinstance(begin("somebody@nightbell.example", clock, address="192.0.2.8"), Attempt)


def test_SEC14_a_household_of_ipv6_addresses_counts_as_one(app: APIFlask, clock: TestClock) -> None:
    answers = [begin(f"a{n}@b.example", clock, address=f"2001:db8:1:2::{n}") for n in range(21)]
    assert isinstance(answers[-1], Wait)
    assert isinstance(begin("a@b.example", clock, address="2001:db8:1:3::1"), Attempt)


def test_SEC14_a_wait_is_told_in_seconds_writes_nothing_and_ends(ada: User, clock: TestClock) -> None:
    for _ in range(7):
        while isinstance(begin("ada@nightbell.example", clock), Wait):
            clock.advance(seconds=1)
    before = db.session.scalar(db.select(db.func.count()).select_from(SignInFailure))
    answer = begin("ada@nightbell.example", clock)
    assert isinstance(answer, Wait)
    assert answer.seconds == 5
    assert db.session.scalar(db.select(db.func.count()).select_from(SignInFailure)) == before
    clock.advance(seconds=5)
    assert isinstance(begin("ada@nightbell.example", clock), Attempt)


def test_failures_older_than_an_hour_are_removed(ada: User, clock: TestClock) -> None:
    begin("ada@nightbell.example", clock)
    clock.advance(hours=1)
    begin("ben@nightbell.example", clock)
    assert db.session.scalar(db.select(db.func.count()).select_from(SignInFailure)) == 2


def test_the_table_of_failures_names_nobody(ada: User, clock: TestClock) -> None:
    begin("ada@nightbell.example", clock)
    keys = db.session.scalars(db.select(SignInFailure.key)).all()
    assert {len(key) for key in keys} == {64}


def test_SEC15_somebody_who_left_or_has_no_password_gets_the_same_no(ada: User, clock: TestClock) -> None:
    with transaction():
        ada.is_active = False
        make_user("Ben")
    for email in ("ada@nightbell.example", "ben@nightbell.example", "nobody@nightbell.example"):
        attempt = begin(email, clock)
        assert isinstance(attempt, Attempt)
        assert sign_in.check(attempt, GOOD) is None


@pytest.mark.parametrize(
    "email", ["ada@nightbell.example", "nobody@nightbell.example", "ben@nightbell.example", ""]
)
def test_SEC15_every_account_and_none_cost_one_hash_of_the_same_parameters(
    email: str, ada: User, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The counted work is the same: what takes the time is one argon2 run, whoever is asked about."""
    with transaction():
        make_user("Ben")  # without a password
    runs: list[str] = []
    verify = argon2.low_level.verify_secret

    def counted(hash: bytes, *rest: Any) -> bool:
        runs.append(hash.decode().rpartition("$")[0].rpartition("$")[0])  # but for salt and sum
        return verify(hash, *rest)

    monkeypatch.setattr(argon2._password_hasher, "verify_secret", counted)
    assert sign_in.check(Attempt(email, "", ()), "not the right one at all") is None
    assert runs == ["$argon2id$v=19$m=65536,t=3,p=4"]


def test_a_hash_of_yesterdays_parameters_is_renewed_at_sign_in(app: APIFlask, clock: TestClock) -> None:
    from argon2 import PasswordHasher

    with transaction():
        ben = make_user("Ben", password_hash=PasswordHasher(time_cost=1, memory_cost=8192).hash(GOOD))
    attempt = begin(ben.email, clock)
    assert isinstance(attempt, Attempt)
    assert sign_in.check(attempt, GOOD) == ben
    renewed = sign_in.renewed_hash(ben, GOOD)
    with transaction():
        sign_in.succeed(attempt, ben, renewed=renewed)
    assert ben.password_hash == renewed
    assert sign_in.renewed_hash(ben, GOOD) is None
