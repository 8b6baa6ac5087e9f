"""What Trends says, gathered from `analytics` before the template is drawn."""

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import current_app, url_for

from app.database import db
from app.people.models import Team
from app.people.rights import Act, may, teams_where
from app.web.access import viewer

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

    from analytics.answer import Answer, Review

Theme = Literal["light", "dark"]
THEMES: dict[str, Theme] = {"light": "light", "dark": "dark"}
KINDS = {"alerts": "Alerts", "incidents": "Incidents"}
WEEKS = {"4": "4 weeks", "12": "12 weeks"}


@dataclass(frozen=True)
class Scope:
    """What the chips choose. `team` None: all of them; `zone` is the one the report speaks in."""

    kind: str
    weeks: int
    team: str | None
    zone: str

    @property
    def address(self) -> str:
        """The page of this scope: one that can be kept and sent on."""
        return url_for("trends.show", team=self.team, weeks=self.weeks, of=self.kind)


@dataclass(frozen=True)
class Chip:
    word: str
    href: str
    chosen: bool


@dataclass(frozen=True)
class Number:
    """A headline: "2 min 40 s", what it was measured on, and the change against the window before in words."""

    label: str
    value: str
    facts: str
    change: str
    is_better: bool


@dataclass(frozen=True)
class Card:
    """One computed sentence, the name of the figure that shows it, and the table behind it."""

    name: str
    title: str
    subtitle: str
    figure: str  # what the figure shows, for those who do not see it
    columns: list[str]
    rows: list[list[str]]
    beside: str
    footer: str
    how_we_know: str


@dataclass(frozen=True)
class Trends:
    as_of: datetime
    header: str
    teams: list[Chip]
    weeks: list[Chip]
    kinds: list[Chip]
    nothing: str  # the one sentence when there is nothing to measure; else empty
    numbers: list[Number]
    cards: list[Card]
    drawn_from: str
    notebook: str


def trends(scope: Scope, *, as_of: datetime) -> Trends:
    """The page of one scope, as known at `as_of`."""
    found = review(scope, as_of=as_of)
    answers = (found.acknowledge, found.resolve)
    nothing = "" if any(answer.n for answer in answers) else found.sentence
    return Trends(
        as_of=as_of,
        header=found.header,
        teams=[_chip(scope, name or _all(), replace(scope, team=name)) for name in (None, *team_names())],
        weeks=[_chip(scope, word, replace(scope, weeks=int(weeks))) for weeks, word in WEEKS.items()],
        kinds=[_chip(scope, word, replace(scope, kind=kind)) for kind, word in KINDS.items()],
        nothing=nothing,
        numbers=[_number(answer) for answer in answers],
        cards=[] if nothing else [card for answer in answers for card in _cards(answer)],
        drawn_from=url_for(
            "trends.figures", team=scope.team, weeks=scope.weeks, of=scope.kind, as_of=as_of.isoformat()
        ),
        notebook=_notebook(found, scope),
    )


def review(scope: Scope, *, as_of: datetime) -> "Review":
    """The answer of `analytics`, of this database: what the notebook computes with the same window."""
    import analytics  # here: pandas and numpy belong to whoever looks at Trends, not to every process
    from analytics import frames, tables

    now = tables.nothing(_moment(as_of))
    window = analytics.window(now, zone=scope.zone, weeks=scope.weeks)
    # as far back again, for the window before to compare with
    known = {"since": window.since - (window.until - window.since), "until": window.as_of}
    connection = db.session.connection()
    read = {"incidents": frames.incidents, "alerts": frames.alerts}[scope.kind]
    rows = read(connection, **known)
    if scope.team is not None:
        rows = rows[rows["team"] == scope.team]
    elif not may(viewer(), Act.SEE_ALL_TEAMS):
        rows = rows[rows["team"].isin(team_names())]
    events = frames.events(connection, since=known["since"])
    return analytics.review(rows, window.since, window.until, window.as_of, scope.zone, events=events)


def figures(scope: Scope, *, as_of: datetime, theme: Theme) -> str:
    """The figures of the page as one JSON object, by the names of its cards, and plotly's `config`."""
    from analytics.theme import CONFIG

    found = review(scope, as_of=as_of)
    drawn = [
        f"{json.dumps(name)}: {draw(theme).to_json()}"
        for answer in (found.acknowledge, found.resolve)
        for name, draw in _figures(answer).items()
    ]
    return "{" + ", ".join([*drawn, f'"config": {json.dumps(CONFIG)}']) + "}"


def team_names() -> list[str]:
    """The teams whose figures the viewer may see, by name."""
    person = viewer()
    rows = sa.select(Team.name).order_by(Team.name)
    if not may(person, Act.SEE_ALL_TEAMS):
        rows = rows.where(Team.id.in_(teams_where(person, Act.RESPOND)))
    return list(db.session.scalars(rows))


def _all() -> str:
    return "All teams" if may(viewer(), Act.SEE_ALL_TEAMS) else "My teams"


def zone_name(zone: tzinfo) -> str:
    """The name under which `analytics` knows the zone of whoever looks."""
    return zone.key if isinstance(zone, ZoneInfo) else "UTC"


def _chip(scope: Scope, word: str, other: Scope) -> Chip:
    return Chip(word, other.address, other == scope)


def _number(answer: "Answer") -> Number:
    facts = ["median", f"p90 {answer.p90_words}" if answer.p90_words else "", f"n {answer.n:,}"]
    change = answer.change[0].upper() + answer.change[1:]
    return Number(
        answer.title, answer.median_words, " · ".join(filter(None, facts)), change, " faster " in answer.change
    )


def _figures(answer: "Answer") -> dict[str, "Callable[[Theme], Figure]"]:
    short = answer.metric.removeprefix("time_to_")
    return {f"{short}-by-week": answer.figure, f"{short}-by-severity": answer.curves}


def _cards(answer: "Answer") -> list[Card]:
    by_week, by_severity = _figures(answer)
    what = answer.title
    return [
        Card(
            by_week, answer.sentence, answer.change_sentence, f"{what} by week, with its interval",
            *_table(answer.weeks_in_words()), answer.beside, answer.footer, answer.how_we_know,
        ),
        Card(
            by_severity, answer.severity_sentence, "", f"{what}: the share still waiting, by severity",
            *_table(answer.severities_in_words()), "", answer.footer, answer.how_we_know,
        ),
    ]  # fmt: skip


def _table(shown: "pd.DataFrame") -> tuple[list[str], list[list[str]]]:
    return [str(name) for name in shown.columns], [[str(cell) for cell in row] for row in shown.to_numpy()]


def _notebook(found: "Review", scope: Scope) -> str:
    """The command that runs the notebook on this database with this window."""
    on_sqlite = current_app.config["settings"].on_sqlite
    source = "sqlite:///instance/nightbell.db" if on_sqlite else '"$NIGHTBELL_DATABASE_URL"'
    words = {"start": found.since, "end": found.until, "as-of": found.as_of}
    window = " ".join(f"--{name} {at.isoformat()}" for name, at in words.items())
    team = f" --team {shlex.quote(scope.team)}" if scope.team else ""
    return f"bin/notebooks --source {source} {window} --zone {shlex.quote(scope.zone)}{team}"


def _moment(at: datetime) -> "pd.Timestamp":
    import pandas as pd

    return pd.Timestamp(at.astimezone(UTC)).as_unit("us")
