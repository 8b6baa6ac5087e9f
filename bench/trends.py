"""Trends with a million alerts and fifty thousand incidents: a page's first look, a look at the kept one, and
the weight of its figures.
"""

import json
import time
from datetime import timedelta
from statistics import median
from typing import Any

import sqlalchemy as sa

from app import clock, create_app
from app.database import db, transaction
from app.people.models import User
from app.trends import pages
from app.trends.models import TrendMark, TrendPage
from bench.scene import Scene
from tests.support.browser_forms import sign_in
from tests.support.many_days import fill

ALERTS, INCIDENTS = 1_000_000, 50_000
LOOKS = 7
ADDRESSES = ("/trends", "/trends/response", "/trends/response?of=incidents", "/trends/alerts", "/trends/load")
Figures = dict[str, Any]


def at_a_million(scene: Scene) -> Figures:
    """Milliseconds of the server for each page, the first time it is asked for and once it is worked
    out by the engine.
    """
    with create_app(scene.settings).app_context() as context:
        app = context.app
        fill(clock.now(), alerts_in_all=ALERTS, incidents_in_all=INCIDENTS)
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


def _milliseconds(client: Any, address: str) -> float:
    began = time.perf_counter()
    answer = client.get(address)
    taken = (time.perf_counter() - began) * 1000
    if answer.status_code not in (200, 202):  # 202: it says that the page is being worked out
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return taken
