"""Half a year of very many alerts and incidents, as the engine packs its days for Trends."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa

from analytics import compact
from app.database import transaction
from app.trends import keep
from app.trends.models import TrendDay, TrendMark

DAYS = 175


def fill(now: datetime, *, alerts_in_all: int, incidents_in_all: int) -> None:
    """Days as the engine packs them, of rows that were never in the tables: only the days are read."""
    dice = Random(7)
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    number = 0
    for back in range(DAYS + 1):
        start = today - timedelta(days=back)
        length = min(timedelta(days=1), now - start)
        alerts, events, sent, incidents = [], [], [], []
        for _ in range(alerts_in_all // DAYS):
            number += 1
            at = start + length * dice.random()
            waited, lasted = (timedelta(seconds=dice.lognormvariate(mean, 1.5)) for mean in (5, 7.5))
            seen = at + waited if waited < lasted and at + waited < now else None
            over = at + lasted if at + lasted < now and dice.random() > 0.02 else None
            rule = f"rule {int(dice.paretovariate(0.7)) % 300}"
            service = number % 50
            alerts.append((
                str(number), rule, f"service {service}", f"team {service % 8}", f"host {number % 997}",
                dice.choice(("critical", "error", "warning")), at, seen, "human" if seen else None, over,
                None if over is None else dice.choice(("source", "human")), None, None, 0,
            ))  # fmt: skip
            if seen:
                events.append((None, str(number), seen, "acknowledged", "user 1", None, None, None))
            sent.append((str(number), f"user {number % 40}", str(number), None, "push", at, at, seen))
        for _ in range(incidents_in_all // DAYS):
            number += 1
            at = start + length * dice.random()
            over = at + timedelta(seconds=dice.lognormvariate(9, 1.2))
            resolved = over if over < now else None
            incidents.append((
                str(number), f"incident {number}", f"service {number % 50}", f"team {number % 8}",
                f"SEV{dice.randint(1, 5)}", "incident", None, at, at, at + timedelta(minutes=4), None, resolved,
                resolved, None, 0, 0, None, None,
            ))  # fmt: skip
        for table, rows in (("alerts", alerts), ("events", events), ("pages", sent), ("incidents", incidents)):
            _keep(table, start, rows)
    with transaction() as session:
        session.execute(sa.delete(TrendMark))
        session.add(TrendMark(id=keep.MARK, last_event_id=0, since=date.min, through=now))


def _keep(table: str, day: datetime, rows: list[tuple[Any, ...]]) -> None:
    _, kinds = keep.TABLES[table]
    with transaction() as session:
        packed = compact.pack(rows, list(kinds), kinds)
        session.add(TrendDay(table_name=table, day=day.date(), rows=len(rows), packed=packed))
