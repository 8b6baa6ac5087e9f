"""Trends with a million alerts and fifty thousand incidents: a page's first look, a look at the kept one, and
the weight of its figures.
"""

import json
import time
from datetime import UTC, date, datetime, timedelta
from random import Random
from statistics import median
from typing import Any

import sqlalchemy as sa

from analytics import compact
from app import clock, create_app
from app.database import db, transaction
from app.people.models import User
from app.trends import keep, pages
from app.trends.models import TrendDay, TrendMark, TrendPage
from bench.scene import Scene
from tests.support.browser_forms import sign_in

ALERTS, INCIDENTS, DAYS = 1_000_000, 50_000, 175
LOOKS = 7
ADDRESSES = ("/trends", "/trends/response", "/trends/response?of=incidents", "/trends/alerts", "/trends/load")
Figures = dict[str, Any]


def at_a_million(scene: Scene) -> Figures:
    """Milliseconds of the server for each page, the first time it is asked for and once it is worked
    out by the engine.
    """
    with create_app(scene.settings).app_context() as context:
        app = context.app
        fill(clock.now())
        client = app.test_client()
        sign_in(client, db.session.scalars(sa.select(User).where(User.name.startswith("Mara"))).one())
        now = clock.now()
        found: Figures = {address: {"first_ms": _milliseconds(client, address)} for address in ADDRESSES}
        began = time.perf_counter()
        pages.renew(now)
        worked_out = time.perf_counter() - began
        for address in ADDRESSES:
            kept = [_milliseconds(client, address) for _ in range(LOOKS)]
            found[address] |= {"kept_ms": median(kept), "slowest_ms": max(kept)}
        drawn = db.session.scalars(sa.select(TrendPage.figures)).all()
        weights = [
            len(json.dumps(figure)) / 1000
            for themes in drawn
            for name, figure in json.loads(themes.get("light", "{}")).items()
            if name != "config"
        ]
        db.session.remove()
        later = clock.now() + timedelta(minutes=9)
        with transaction() as session:
            session.execute(sa.update(TrendMark).values(through=later))
        began = time.perf_counter()
        made = pages.renew(later)
        again = time.perf_counter() - began
        db.session.remove()
        db.engine.dispose()
    return {
        "pages": found,
        "worked_out_seconds": worked_out,
        "heaviest_kb": max(weights),
        "renewed": made,
        "renewed_seconds": again,
    }


def fill(now: datetime, *, alerts_in_all: int = ALERTS, incidents_in_all: int = INCIDENTS) -> None:
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


def _milliseconds(client: Any, address: str) -> float:
    began = time.perf_counter()
    answer = client.get(address)
    taken = (time.perf_counter() - began) * 1000
    if answer.status_code not in (200, 202):  # 202: it says that the page is being worked out
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return taken
