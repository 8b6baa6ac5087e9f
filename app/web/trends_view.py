"""What the Trends pages say, gathered from `analytics` before the template is drawn."""

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import current_app, url_for

from app import clock
from app.alerts.models import Service
from app.database import db
from app.domain.words import IncidentSeverity, Severity
from app.people.models import Team
from app.people.rights import Act, may, teams_where
from app.web import trends_data, trends_links
from app.web.access import viewer

if TYPE_CHECKING:
    import pandas as pd

    from analytics.card import Card as Measured
    from analytics.card import Report
    from analytics.card import Scope as Asked
    from analytics.tables import Tables

Theme = Literal["light", "dark"]
THEMES: dict[str, Theme] = {"light": "light", "dark": "dark"}
KINDS = {"alerts": "Alerts", "incidents": "Incidents"}
WEEKS = {"4": "4 weeks", "12": "12 weeks"}
#: page: (its word in the tabs, the report it shows, the notebook that shows it whole)
PAGES: dict[str, tuple[str, str, str]] = {
    "home": ("Trends", "overview", ""),
    "response": ("Response", "response_times", "02_response_times"),
    "alerts": ("Alerts", "alert_quality", "05_alert_quality"),
    "load": ("Pager load", "pager_load", "07_pager_load"),
    "service": ("Service", "service", ""),
}
SEVERITIES = [*(str(each).upper() for each in IncidentSeverity), *(str(each) for each in Severity)]


@dataclass(frozen=True)
class Scope:
    """What the address chooses. `team` and the others None: all of them; `zone` is the one the report speaks
    in.
    """

    kind: str
    weeks: int
    team: str | None
    zone: str
    page: str = "home"
    service: str | None = None
    severity: str | None = None

    @property
    def address(self) -> str:
        """The page of this scope: one that can be kept and sent on."""
        return self.on(self.page)

    def on(self, page: str) -> str:
        """Another page with the same filters."""
        if page == "service":
            return url_for("trends.show", page="response", **self.words)
        if page == "home":
            return url_for("trends.home", **self.words)
        return url_for("trends.show", page=page, **self.words)

    @property
    def words(self) -> dict[str, Any]:
        """The filters as the address says them."""
        return {
            "team": self.team,
            "weeks": self.weeks,
            "of": self.kind,
            "service": self.service,
            "severity": self.severity,
        }


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
class Cell:
    """A cell of a table; with an address it leads to what stands behind it."""

    word: str
    href: str | None


@dataclass(frozen=True)
class Card:
    """One computed sentence, the name of the figure that shows it, and the table behind it."""

    name: str
    title: str
    figure: str  # what the figure shows, for those who do not see it
    is_drawn: bool
    columns: list[str]
    rows: list[list[Cell]]
    links: str  # the addresses behind the figure's points, as JSON by their labels
    footer: str
    how_we_know: str


@dataclass(frozen=True)
class Trends:
    scope: Scope
    as_of: datetime
    header: str
    tabs: list[Chip]
    teams: list[Chip]
    weeks: list[Chip]
    kinds: list[Chip]
    services: list[str]
    severities: list[str]
    nothing: str  # the one sentence when there is nothing to measure; else empty
    numbers: list[Number]
    cards: list[Card]
    drawn_from: str
    notebook: str


def trends(scope: Scope) -> Trends:
    """The page of one scope, as known when the engine last kept its days, else now."""
    at = trends_data.as_of(clock.now())
    found = report(scope, at)
    asked, tables = _asked(scope, at), _tables(scope, at)
    noun = scope.kind if scope.page in ("home", "response", "service") else "alerts"
    rows = getattr(tables, noun)
    n = len(asked.inside(rows, "detected_at" if noun == "incidents" else "fired_at"))
    nothing = "" if n else f"There were no {noun} in this window, so there is nothing to measure."
    return Trends(
        scope=scope,
        as_of=at,
        header=found.header,
        tabs=tabs(scope),
        teams=[_chip(scope, name or _all(), replace(scope, team=name)) for name in (None, *team_names())],
        weeks=[_chip(scope, word, replace(scope, weeks=int(weeks))) for weeks, word in WEEKS.items()],
        kinds=(
            [_chip(scope, word, replace(scope, kind=kind)) for kind, word in KINDS.items()]
            if scope.page in ("response", "service")
            else []
        ),
        services=service_names(),
        severities=SEVERITIES,
        nothing=nothing,
        numbers=[] if scope.page not in ("home", "response", "service") else numbers(scope, at),
        cards=[] if nothing else [card_of(card, scope, at) for card in found.cards],
        drawn_from=url_for("trends.figures", page=scope.page, as_of=at.isoformat(), **scope.words),
        notebook=_notebook(asked, scope),
    )


def tabs(scope: Scope) -> list[Chip]:
    """The pages of Trends with the same filters."""
    made = [Chip(PAGES[page][0] if page != "home" else "Overview", scope.on(page), page == scope.page)
            for page in ("home", "response", "alerts", "load")]  # fmt: skip
    return [
        *made,
        Chip(
            "Recommendations", url_for("recommendations.index", **scope.words), scope.page == "recommendations"
        ),
    ]


def report(scope: Scope, at: datetime) -> "Report":
    """The report behind a page: what the notebook computes of the same rows with the same window."""
    from analytics import reports

    def make() -> "Report":
        build: Callable[..., Report] = getattr(reports, PAGES[scope.page][1])
        more = {"noun": scope.kind.removesuffix("s")} if scope.page in ("response", "service") else {}
        return build(_tables(scope, at), _asked(scope, at), **more)

    found: Report = _remembered(("report", scope, at), make)
    return found


def figures(scope: Scope, *, as_of: datetime, theme: Theme) -> str:
    """The figures of the page as one JSON object, by the names of its cards, and plotly's `config`."""
    from analytics.theme import CONFIG

    def make() -> str:
        drawn = [
            f"{json.dumps(card.name)}: {card.figure(theme).to_json()}"
            for card in report(scope, as_of).cards
            if card.draw is not None
        ]
        return "{" + ", ".join([*drawn, f'"config": {json.dumps(CONFIG)}']) + "}"

    said: str = _remembered(("figures", scope, as_of, theme), make)
    return said


def numbers(scope: Scope, at: datetime) -> list[Number]:
    """The headlines of a scope: two lengths, and on the overview two counts."""
    import pandas as pd

    from analytics import answer, pager_load

    def make() -> list[Number]:
        tables, asked = _tables(scope, at), _asked(scope, at)
        rows = getattr(tables, scope.kind)
        span = (asked.window.since, asked.window.until, asked.as_of, scope.zone)
        found = answer.review(rows, *span, events=tables.events)
        made = [_number(found.acknowledge), _number(found.resolve)]
        if scope.page != "home":
            return made
        length = asked.window.until - asked.window.since
        woken = pager_load.interruptions(tables.pages, as_of=asked.as_of, zone=scope.zone, people=tables.people)
        told = tables.alerts["fired_at"].min() <= asked.window.since - length + pd.Timedelta(days=7)
        before = woken[(woken["at"] >= asked.window.since - length) & (woken["at"] < asked.window.since)]
        now = asked.inside(woken, "at")
        asleep, slept = now[now["kind"] == "sleep"], before[before["kind"] == "sleep"]
        return [
            *made,
            _count(
                "Interruptions", len(now), len(before) if told else None, "pages within a minute count once"
            ),
            _count("In somebody's sleep", len(asleep), len(slept) if told else None, "22 to 08, own zone"),
        ]

    made: list[Number] = _remembered(("numbers", scope, at), make)
    return made


def card_of(card: "Measured", scope: Scope, at: datetime) -> Card:
    """A measured card as the page shows it, with what each row and point leads to."""
    lead = trends_links.of(card, scope.words, at)
    rows = [
        [Cell(str(word), lead(str(word), place)) for place, word in enumerate(line)]
        for line in card.table.to_numpy()
    ]
    links = {
        label: cell.href
        for line in rows
        for cell in line
        if cell.href
        for label in trends_links.labels(cell.word)
    }
    return Card(
        card.name,
        card.sentence,
        card.about,
        card.draw is not None,
        [str(name) for name in card.table.columns],
        rows,
        json.dumps(links),
        card.footer,
        card.how_we_know,
    )


def tables_of(scope: Scope, at: datetime) -> "Tables":
    """The tables of a scope, for lists of what stands behind a figure."""
    return _tables(scope, at)


def asked_of(scope: Scope, at: datetime) -> "Asked":
    """Window, moment and zone of a scope."""
    return _asked(scope, at)


def team_names() -> list[str]:
    """The teams whose figures the viewer may see, by name."""
    person = viewer()
    rows = sa.select(Team.name).order_by(Team.name)
    if not may(person, Act.SEE_ALL_TEAMS):
        rows = rows.where(Team.id.in_(teams_where(person, Act.RESPOND)))
    return list(db.session.scalars(rows))


def service_names() -> list[str]:
    """The services of those teams, by name."""
    rows = sa.select(Service.name).join(Team).where(Team.name.in_(team_names())).order_by(Service.name)
    return list(db.session.scalars(rows))


def zone_name(zone: tzinfo) -> str:
    """The name under which `analytics` knows the zone of whoever looks."""
    return zone.key if isinstance(zone, ZoneInfo) else "UTC"


def _asked(scope: Scope, at: datetime) -> "Asked":
    import analytics
    from analytics.card import Scope as Asked
    from analytics.tables import nothing

    return Asked(analytics.window(nothing(_moment(at)), zone=scope.zone, weeks=scope.weeks), scope.zone)


def _tables(scope: Scope, at: datetime) -> "Tables":
    tables = trends_data.tables(at, clock.now())
    if scope.team is None and not may(viewer(), Act.SEE_ALL_TEAMS):
        tables = tables.of_teams(team_names())
    return tables.of_team(scope.team).of_service(scope.service).of_severity(scope.severity)


def _remembered(key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
    """Kept by what is asked and by whose teams it is about; only while the rows behind it stand still."""
    if trends_data.as_of(clock.now()) == clock.now().replace(microsecond=0):
        return make()  # straight from the rows, which may change within the second
    mine = None if may(viewer(), Act.SEE_ALL_TEAMS) else tuple(team_names())
    return trends_data.remembered((*key, mine), make)


def _all() -> str:
    return "All teams" if may(viewer(), Act.SEE_ALL_TEAMS) else "My teams"


def _chip(scope: Scope, word: str, other: Scope) -> Chip:
    return Chip(word, other.address, other == scope)


def _number(answer: Any) -> Number:
    facts = ["median", f"p90 {answer.p90_words}" if answer.p90_words else "", f"n {answer.n:,}"]
    change = answer.change[0].upper() + answer.change[1:]
    return Number(
        answer.title, answer.median_words, " · ".join(filter(None, facts)), change, " faster " in answer.change
    )


def _count(label: str, now: int, before: int | None, facts: str) -> Number:
    """A count beside the one of the window before, if that is told of; a rate that chance could give is no
    change.
    """
    if before is None:
        return Number(label, f"{now:,}", facts, "Nothing earlier to compare with", False)
    from scipy import stats

    total = now + before
    clear = total >= 20 and float(stats.binomtest(now, total).pvalue) < 0.05
    moved = f"was {before:,}" if clear else ("no clear change" if total >= 20 else "too few to tell")
    return Number(label, f"{now:,}", facts, moved[0].upper() + moved[1:], clear and now < before)


def _notebook(asked: "Asked", scope: Scope) -> str:
    """The command that runs the notebook on this database with this window; empty where no notebook shows the
    page.
    """
    notebook = PAGES[scope.page][2]
    if not notebook:
        return ""
    on_sqlite = current_app.config["settings"].on_sqlite
    source = "sqlite:///instance/nightbell.db" if on_sqlite else '"$NIGHTBELL_DATABASE_URL"'
    words = {"start": asked.window.since, "end": asked.window.until, "as-of": asked.as_of}
    window = " ".join(f"--{name} {at.isoformat()}" for name, at in words.items())
    team = f" --team {shlex.quote(scope.team)}" if scope.team else ""
    where = f"--zone {shlex.quote(scope.zone)}{team}"
    return f"bin/notebooks --source {source} {window} {where} notebooks/{notebook}.ipynb"


def _moment(at: datetime) -> "pd.Timestamp":
    import pandas as pd

    return pd.Timestamp(at.astimezone(UTC)).as_unit("us")
