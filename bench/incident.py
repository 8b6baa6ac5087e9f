"""One incident on many screens, and the page of a long one.

A screen is what `static/js/live-line.js` does while somebody looks at it: it asks for the incident's version
or its live part every 1.2 s, for its page when the version is another one, and once a minute anyway. A change
is on a screen when what shows it has arrived there; drawing it is not in the figure.
"""

import asyncio
import time
from dataclasses import dataclass, field
from statistics import median, quantiles

import sqlalchemy as sa

from app import clock, create_pageless_app
from app.alerts.models import Service
from app.database import db, transaction
from app.domain.timeline import Kind, Subject
from app.domain.words import IncidentSeverity, Role
from app.incidents.declare import declare
from app.incidents.models import Incident
from app.people import sessions, tokens
from app.people.models import User
from app.timeline.record import record
from bench.closed_loop import Line, get, post
from bench.measures import Figures
from bench.running import Installation
from bench.scene import Scene
from tests.support import chromium
from tests.support.cast import make_user

SCREENS, WORKSPACES = 200, 2
LOOKS_EVERY, FETCHES_EVERY = 1.2, 60.0  # seconds, as live-line.js has it
CHANGES, CHANGE_EVERY, SETTLES_IN = 10, 4.0, 10.0
ENTRIES, LOADS, SLOWER = 1000, 5, 4


@dataclass
class Open:
    """What the screens have shown: when each first showed the change that is marked so."""

    shown: dict[str, list[float]] = field(default_factory=dict)
    looks: int = 0
    fetches: int = 0
    failed: int = 0
    is_over: bool = False


def screens(installation: Installation, scene: Scene) -> Figures:
    """Changes by one person, and how long each takes to be on every one of the screens, in seconds."""
    number, token, cookies = _people(scene)
    before = installation.web.cpu_seconds()
    begun = time.monotonic()
    seen, told = asyncio.run(_watch(installation.url, number, token, cookies))
    spent = time.monotonic() - begun
    waits = [max(at - told[mark], 0.0) for mark, times in seen.shown.items() for at in times]
    cuts = quantiles(waits, n=100, method="inclusive")
    spent_by_web = installation.web.cpu_seconds() - before
    return {
        "screens": len(cookies), "changes": len(told), "arrived": len(waits), "failed": seen.failed,
        "p50_s": cuts[49], "p95_s": cuts[94], "longest_s": max(waits),
        "looks_per_second": seen.looks / spent, "fetches": seen.fetches, "web_share": spent_by_web / spent,
    }  # fmt: skip


def first_paint(installation: Installation, scene: Scene) -> Figures:
    """The first paint of an incident's page with 1,000 entries, in Chromium on a processor at a quarter."""
    number, cookie = _long_one(scene)
    paints: list[float] = []
    with chromium.chromium() as browser:
        for _ in range(LOADS):
            context = chromium.phone(browser)
            name, _, value = cookie.partition("=")
            said: dict[str, object] = {"name": name, "value": value, "secure": True, "httpOnly": True}
            context.add_cookies([said | {"url": installation.url.replace("http:", "https:")}])  # type: ignore[list-item]
            page = context.new_page()
            line = context.new_cdp_session(page)
            line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            page.goto(f"{installation.url}/incidents/{number}")
            paints.append(float(page.evaluate(_FIRST_PAINT)))
            shown = page.locator("#incident-body .timeline li").count()
            context.close()
    return {
        "entries": ENTRIES,
        "shown": shown,
        "loads": LOADS,
        "median_ms": median(paints),
        "longest_ms": max(paints),
    }


_FIRST_PAINT = """() => new Promise((told) => new PerformanceObserver((list) => {
  const found = list.getEntriesByName("first-contentful-paint");
  if (found.length) told(found[0].startTime);
}).observe({ type: "paint", buffered: true }))"""


async def _watch(url: str, number: int, token: str, cookies: list[str]) -> tuple[Open, dict[str, float]]:
    seen, told, line = Open(), {}, Line(url)
    place = f"/incidents/{number}"
    ways = [(f"{place}/version", place)] * WORKSPACES
    ways += [(f"{place}/live/part", f"{place}/live")] * (len(cookies) - WORKSPACES)
    looking = [
        asyncio.create_task(_look(_Screen(url, *way, cookie, each / len(cookies)), seen))
        for each, (way, cookie) in enumerate(zip(ways, cookies, strict=True))
    ]
    await asyncio.sleep(SETTLES_IN)  # all have shown it once, and settled into their beat
    for change in range(CHANGES):
        mark = f"mark-{change:03}"
        seen.shown[mark] = []
        answer = await line.ask(post(url, f"/api/v1{place}", {"impact": mark}, method="PATCH", token=token))
        if answer.status != 200:
            raise RuntimeError(f"a change was answered with {answer.status}")
        told[mark] = time.monotonic()
        await asyncio.sleep(CHANGE_EVERY)
    seen.is_over = True
    await asyncio.gather(*looking)
    line.close()
    return seen, told


@dataclass(frozen=True)
class _Screen:
    """It watches one address and shows another; `place`, from 0 to 1, spreads the screens over the beat."""

    url: str
    watches: str
    shows: str
    cookie: str
    place: float

    def asks(self, path: str, version: str = "") -> bytes:
        headers = {"Cookie": self.cookie} | ({"If-None-Match": version} if version else {})
        return get(self.url, path, headers=headers)


async def _look(screen: _Screen, seen: Open) -> None:
    """Ask and fetch until it is over."""
    line, shown, version = Line(screen.url), "", ""
    await asyncio.sleep(screen.place * LOOKS_EVERY)
    fetched = time.monotonic() - FETCHES_EVERY * screen.place
    while not seen.is_over:
        due = time.monotonic() + LOOKS_EVERY
        look = await line.ask(screen.asks(screen.watches, version))
        seen.looks += 1
        seen.failed += look.status not in (200, 204, 304)
        version = look.headers.get("etag", version) if look.status in (200, 204) else version
        page = look.body
        if look.status == 204 or time.monotonic() - fetched >= FETCHES_EVERY:
            answer = await line.ask(screen.asks(screen.shows))
            page, fetched = answer.body, time.monotonic()
            seen.fetches += 1
            seen.failed += answer.status != 200
        newest = max((mark for mark in seen.shown if mark.encode() in page), default=shown)
        if newest != shown:
            seen.shown[newest].append(time.monotonic())
            shown = newest
        await asyncio.sleep(max(0.0, due - time.monotonic()))
    line.close()


def _people(scene: Scene) -> tuple[int, str, list[str]]:
    """An incident that Ada commands, her token, and a browser of somebody else for each other screen."""
    with create_pageless_app(scene.settings).app_context():
        with transaction():
            ada, at = _ada(), clock.now()
            number = _declared(ada, "Checkout errors at 14 %").number
            _, token = tokens.create(ada, name="bench", scopes=["read", "write"], at=at)
            readers = [make_user(f"Reader {n}", Role.STAKEHOLDER) for n in range(SCREENS - WORKSPACES)]
            cookies = [_cookie(each) for each in [*[ada] * WORKSPACES, *readers]]
        db.session.remove()
        db.engine.dispose()
    return number, token, cookies


def _long_one(scene: Scene) -> tuple[int, str]:
    """An incident with 1,000 entries, as a script and people write them, and Ada's browser."""
    with create_pageless_app(scene.settings).app_context():
        with transaction():
            ada, at = _ada(), clock.now()
            number = _declared(ada, "A long one").number
            for n in range(ENTRIES):
                words = f"{n}. The query plan of `orders` changed, **p95** is {n} ms now; we look at the index."
                record(Kind.NOTED, Subject.INCIDENT, number, at=at, by=ada, text=words)
            cookie = _cookie(ada)
        db.session.remove()
        db.engine.dispose()
    return number, cookie


def _ada() -> User:
    return db.session.scalars(sa.select(User).where(User.name == "Ada")).one()


def _declared(by: User, title: str) -> Incident:
    service = db.session.scalars(sa.select(Service).order_by(Service.id)).first()
    return declare(severity=IncidentSeverity.SEV1, service=service, title=title, by=by, at=clock.now())


def _cookie(user: User) -> str:
    _, token = sessions.start(user, device="bench", at=clock.now())
    return f"__Host-nightbell={token}"
