"""Who is on call, measured: the pure resolver, a preview, the proof, a calendar, and the answer over HTTP."""

import http.client
import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from statistics import median
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from app.domain.claims import ALWAYS, HORIZON, Person, Requirements
from app.domain.difference import difference
from app.domain.hours import Restriction
from app.domain.layer import Layer
from app.domain.prover import Case, prove
from app.domain.rotation import Rotation, Unit
from app.domain.schedule import Override, ScheduleConfig, TimeOff, resolve, resolve_range
from app.domain.walk import Walk
from bench import load
from bench.running import Process

PEOPLE = tuple(range(1, 21))
START = datetime(2026, 11, 26, tzinfo=UTC)
RESOLVES = 20_000
EVERY_DAY = frozenset(range(7))
Figures = dict[str, float]


def pure(rounds: int) -> Figures:
    """Times and rates of one core on a schedule of 6 layers, 20 people, 500 overrides, each the median. Each
    round begins with a schedule that remembers nothing. What counts is the time that the core worked for it, so
    that whatever else the machine does is not measured too.
    """
    config = large()
    span = START, START + HORIZON
    moments = [START + timedelta(minutes=each) for each in random.Random(3).sample(range(800 * 1440), RESOLVES)]
    minutes = [START + timedelta(minutes=each) for each in range(RESOLVES)]
    before, after = ([small(number, turn) for number in range(200)] for turn in (0, 1))
    quarter = START, START + timedelta(days=90)
    year = START, START + timedelta(days=365)
    people = {user_id: Person(f"P{user_id}", ZoneInfo("Europe/London")) for user_id in PEOPLE}
    asked = Requirements(hours=ALWAYS, people=2)

    def at_random() -> None:
        fresh = replace(config)
        for moment in moments:
            resolve(fresh, moment)

    def one_by_one() -> None:
        fresh = replace(config)
        for minute in minutes:
            resolve(fresh, minute)

    def preview() -> None:
        for each in before:
            resolve_range(replace(each), *quarter)

    def edits() -> None:
        for was, will in zip(before, after, strict=True):
            difference(replace(was), replace(will), *quarter)

    return {
        "random_per_second": RESOLVES / _seconds(at_random, rounds),
        "minutes_per_second": RESOLVES / _seconds(one_by_one, rounds),
        "preview_ms": 1000 * _seconds(preview, rounds),
        "difference_ms": 1000 * _seconds(edits, rounds),
        "proof_ms": 1000 * _seconds(lambda: prove(Case(Walk(replace(config), *span), asked, people)), rounds),
        "year_ms": 1000 * _seconds(lambda: resolve_range(replace(config), *year), rounds),
    }


def over_http(
    web: tuple[str, Process], cookie: str, key: str, bare: tuple[str, Process], *, seconds: float, rounds: int
) -> Figures:
    """`GET /api/v1/oncall` and the bare route in turn, one connection each: answers a second, and milliseconds
    of the server's processor time for one; the medians.
    """
    event = load.event(key, "bench")
    json_body = {"Content-Type": "application/json"}
    ours, theirs = [], []
    for _ in range(rounds):
        theirs.append(_loaded(bare, "POST", "/v2/enqueue", event, json_body, seconds))
        ours.append(_loaded(web, "GET", "/api/v1/oncall", None, {"Cookie": cookie}, seconds))
    (rate, cost), (bare_rate, bare_cost) = (map(median, zip(*of, strict=True)) for of in (ours, theirs))
    return {"per_second": rate, "cpu_ms": cost, "bare_per_second": bare_rate, "bare_cpu_ms": bare_cost}


def large() -> ScheduleConfig:
    """6 layers, 20 people, 500 overrides over the horizon, and time off of everybody."""
    draw = random.Random(1)
    workdays = frozenset(range(5))

    def layer(
        name: str, priority: int, unit: Unit, length: int, *restrictions: tuple[frozenset[int], int, int]
    ) -> Layer:
        sets = tuple(tuple(draw.sample(PEOPLE, 2)) for _ in range(10))
        hours = tuple(
            Restriction(days, clock_time(since), clock_time(until)) for days, since, until in restrictions
        )
        return Layer(name, priority, Rotation(unit, length, datetime(2026, 1, 5, 9), sets), hours)  # noqa: DTZ001

    layers = (
        layer("Base", 0, Unit.WEEK, 1),
        layer("Month", 1, Unit.MONTH, 1, (frozenset({0}), 6, 9)),
        layer("Days", 2, Unit.DAY, 1, (workdays, 9, 17)),
        layer("Nights", 2, Unit.WEEK, 1, (EVERY_DAY, 22, 7)),
        layer("Weekend", 3, Unit.WEEK, 1, (frozenset({5, 6}), 0, 0)),
        layer("Shifts", 4, Unit.HOUR, 8, (frozenset({2}), 0, 12)),
    )
    overrides = []
    for number in range(1, 501):
        start = START + timedelta(minutes=draw.randrange(800 * 1440))
        end = start + timedelta(minutes=draw.randrange(60, 1440))
        to, from_ = draw.sample(PEOPLE, 2)
        kind = draw.randrange(3)
        overrides.append(
            Override(
                number,
                start,
                end,
                to if kind else None,
                None if kind == 1 else from_,
                START - timedelta(minutes=number),
            )
        )
    off = tuple(
        TimeOff(user_id, START + timedelta(days=40 * user_id), START + timedelta(days=40 * user_id + 10))
        for user_id in PEOPLE
    )
    return ScheduleConfig(1, "Large", "America/Chicago", layers, tuple(overrides), off, frozenset(PEOPLE))


def small(number: int, turn: int) -> ScheduleConfig:
    """Five people who take weeks, of 200 such schedules; `turn` says who begins."""
    people = [(number * 5 + each,) for each in range(5)]
    weeks = Rotation(Unit.WEEK, 1, datetime(2026, 1, 5, 9), tuple(people[turn:] + people[:turn]))  # noqa: DTZ001
    everybody = frozenset(range(1000))
    return ScheduleConfig(number, "S", "America/Chicago", (Layer("W", 0, weeks),), (), (), everybody)


def _seconds(act: Callable[[], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        before = time.thread_time()
        act()
        taken.append(time.thread_time() - before)
    return median(taken)


def _loaded(
    server: tuple[str, Process],
    method: str,
    path: str,
    body: str | None,
    headers: dict[str, str],
    seconds: float,
) -> tuple[float, float]:
    url, process = server
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    answered, until, spent = 0, time.perf_counter() + seconds, process.cpu_seconds()
    while time.perf_counter() < until:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{path} answered {answer.status}")
        answered += 1
    connection.close()
    return answered / seconds, (process.cpu_seconds() - spent) * 1000 / answered
