"""Search with twenty thousand incidents, each with a note, and a postmortem for every tenth."""

import time
from datetime import timedelta
from random import Random
from statistics import quantiles
from typing import Any

import sqlalchemy as sa

from app import clock, create_app
from app.database import db, on_sqlite, transaction
from app.domain.timeline import Kind, Subject
from app.domain.words import IncidentSeverity, IncidentStatus, PostmortemPart, PostmortemState
from app.incidents.models import Incident
from app.learning.models import Postmortem, PostmortemText
from app.people.models import User
from app.timeline.models import Event
from bench.scene import Scene
from tests.support.browser_forms import sign_in

INCIDENTS, LOOKS = 20_000, 300
LIMIT_MS = 100
THINGS = ("checkout", "ledger", "search", "gateway", "queue", "invoice", "session", "catalogue")
FAULTS = ("errors", "latency", "disk full", "timeouts", "certificate expired", "out of memory", "replica lag")
SYLLABLES = [f"{begin}{middle}" for begin in "bdfgklmnprstvz" for middle in ("a", "en", "i", "or")]
Figures = dict[str, Any]


def over_all(scene: Scene) -> Figures:
    """Milliseconds of the server for a page of finds, as a responder asks: words that are rare, words that are
    everywhere, several of them, beginnings, numbers, and what is not there.
    """
    with create_app(scene.settings).app_context() as context:
        fill()
        client = context.app.test_client()
        sign_in(client, db.session.scalars(sa.select(User).where(User.name.startswith("Ada"))).one())
        taken, dice = [], Random(3)
        for _ in range(LOOKS):
            began = time.perf_counter()
            answer = client.get("/search", query_string={"q": _typed(dice)})
            taken.append((time.perf_counter() - began) * 1000)
            if answer.status_code != 200:
                raise RuntimeError(f"search answered {answer.status_code}")
        db.session.remove()
        db.engine.dispose()
    cuts = quantiles(taken, n=100, method="inclusive")
    return {
        "incidents": INCIDENTS,
        "looks": LOOKS,
        "p50_ms": cuts[49],
        "p95_ms": cuts[94],
        "longest_ms": max(taken),
    }


def fill() -> None:
    now, dice = clock.now(), Random(7)
    with transaction() as session:
        first = (session.scalar(sa.select(sa.func.max(Incident.id))) or 0) + 1
        numbers = range(first, first + INCIDENTS)
        session.execute(sa.insert(Incident), [_incident(number, dice, now) for number in numbers])
        session.execute(sa.insert(Event), [
            {
                "at": now, "kind": Kind.NOTED, "subject_kind": Subject.INCIDENT, "subject_id": number,
                "data": {"text": f"Looked at {_words(dice, 25)}"},
            }
            for number in numbers
        ])  # fmt: skip
        written = numbers[::10]
        session.execute(sa.insert(Postmortem), [
            {"id": number, "state": PostmortemState.PUBLISHED, "opened_at": now, "updated_at": now}
            for number in written
        ])  # fmt: skip
        session.execute(sa.insert(PostmortemText), [
            {"postmortem_id": number, "part": part, "number": 1, "text": _words(dice, 120), "at": now}
            for number in written for part in (PostmortemPart.HAPPENED, PostmortemPart.CAUSE)
        ])  # fmt: skip
    if not on_sqlite():  # PostgreSQL does so by itself within a minute
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")


def _incident(number: int, dice: Random, now: Any) -> dict[str, Any]:
    at = now - timedelta(minutes=20 * (INCIDENTS - number % INCIDENTS))
    return {
        "id": number, "title": f"{dice.choice(THINGS)} {dice.choice(FAULTS)} at db-{number % 997}",
        "severity": dice.choice(list(IncidentSeverity)), "status": IncidentStatus.CLOSED,
        "impact": "Some cannot pay", "resolution": _words(dice, 12),
        "detected_at": at, "declared_at": at, "resolved_at": at, "closed_at": at,
        "created_at": at, "updated_at": at, "is_restricted": number % 50 == 0, "reopen_count": 0,
    }  # fmt: skip


def _words(dice: Random, count: int) -> str:
    """Some are everywhere and most are rare, as in any language."""
    return " ".join(_word(int(dice.paretovariate(0.8)) % 40_000) for _ in range(count))


def _word(number: int) -> str:
    """The rarer the longer: three syllables at the most."""
    spelt = ""
    while number or not spelt:
        number, last = divmod(number, len(SYLLABLES))
        spelt += SYLLABLES[last]
    return spelt


def _typed(dice: Random) -> str:
    rare, common = _word(dice.randrange(40_000)), _word(dice.randrange(60))
    return dice.choice((
        dice.choice(THINGS), f"{dice.choice(THINGS)} {dice.choice(FAULTS)}", common, rare, rare[:4], common[:2],
        "e", "at db", f"db-{dice.randrange(997)}", f"INC-{dice.randrange(INCIDENTS)}", f"{common} looked at",
        f"{dice.choice(THINGS)} {common}", "nothing of the kind", "looked",
    ))  # fmt: skip
