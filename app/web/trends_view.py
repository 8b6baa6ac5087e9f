"""What the Trends pages say, gathered from `analytics` before the template is drawn."""

import json
import re
import shlex
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any, Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import current_app, url_for

from app import clock
from app.alerts.models import Service
from app.database import db
from app.domain.words import IncidentSeverity, Severity
from app.people.models import Team
from app.people.rights import Act, may, teams_where
from app.trends import pages
from app.trends.asked import Asked
from app.trends.compute import OF_EITHER, Made
from app.web import trends_links
from app.web.access import viewer

Theme = Literal["light", "dark"]
THEMES: dict[str, Theme] = {"light": "light", "dark": "dark"}
KINDS = {"alerts": "Alerts", "incidents": "Incidents"}
URGENCIES = {None: "Any urgency", "high": "High", "low": "Low"}
WEEKS = {"4": "4 weeks", "12": "12 weeks"}
#: page: (its title, the notebook that shows it whole; of all of them the cards of the overview are)
PAGES: dict[str, tuple[str, str | None]] = {
    "home": ("Trends", ""),
    "response": ("Response", "02_response_times"),
    "alerts": ("Alerts", "05_alert_quality"),
    "load": ("Pager load", "07_pager_load"),
    "service": ("Service", None),
}
TABS = {
    "home": "Overview", "response": "Response", "alerts": "Alerts", "load": "Pager load",
    "recommendations": "Recommendations",
}  # fmt: skip
_NUMBER = re.compile(r"–|(?:under |over )?[\d,.]+(?: %)?")
SHOWN = 100  # rows of a table on the page
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
    urgency: str | None = None
    number: int | None = None  # of the service whose page it is

    @property
    def address(self) -> str:
        """The page of this scope: one that can be kept and sent on."""
        return self.on(self.page)

    def on(self, page: str) -> str:
        """Another page with the same filters."""
        if page == "service":
            return url_for("trends.service", number=self.number, **{**self.words, "service": None})
        if page == "recommendations":
            return url_for("recommendations.index", **self.words)
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
            "urgency": self.urgency,
        }

    @property
    def is_of_alerts(self) -> bool:
        """Whether an urgency can be chosen: incidents have none."""
        return self.measured == "alerts"

    @property
    def measured(self) -> str:
        """What the page's numbers are of: `kind`, which the tabs carry on, only where there is a choice."""
        return self.kind if self.page in OF_EITHER else "alerts"


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
    """A cell of a table; with an address it leads to what stands behind it. A column of numbers keeps right."""

    word: str
    href: str | None
    is_number: bool


@dataclass(frozen=True)
class Card:
    """One computed sentence, what else there is to say, the name of the figure that shows it, and the table
    behind it.
    """

    name: str
    title: str
    besides: str
    figure: str  # what the figure shows, for those who do not see it
    is_drawn: bool
    height: int  # px that the figure takes; 0 where its page was kept by an older Nightbell
    columns: list[str]
    rows: list[list[Cell]]  # the first hundred
    more: int  # rows that are only in the file
    file: str  # the address of the whole table
    links: str  # the addresses behind the figure's points, as JSON by their labels
    footer: str
    how_we_know: str


@dataclass(frozen=True)
class Trends:
    scope: Scope
    as_of: datetime | None  # None while the page is being worked out for the first time
    is_outgrown: bool  # a newer one is being worked out
    header: str
    tabs: list[Chip]
    teams: list[Chip]
    weeks: list[Chip]
    kinds: list[Chip]
    urgencies: list[Chip]
    services: list[str]
    severities: list[str]
    nothing: str  # the one sentence when there is nothing to measure; else empty
    instead: Chip  # what to look at then
    numbers: list[Number]
    cards: list[Card]
    drawn_from: str
    notebook: str


def trends(scope: Scope) -> Trends:
    """The page of one scope, as known when it was last made; without numbers while it is being made."""
    made = pages.at_hand(asked(scope), clock.now())
    says: dict[str, Any] = {"header": "", "nothing": "", "numbers": [], "cards": []}
    if made is not None:
        says = made.says
    return Trends(
        scope=scope,
        as_of=made.as_of if made else None,
        is_outgrown=made is not None and made.is_outgrown,
        header=says["header"],
        tabs=tabs(scope),
        teams=teams(scope) if scope.page != "service" else [],  # a service is one team's
        weeks=weeks(scope),
        kinds=(
            [_chip(scope, word, replace(scope, kind=kind)) for kind, word in KINDS.items()]
            if scope.page in OF_EITHER
            else []
        ),
        urgencies=urgencies(scope),
        services=service_names(),
        severities=SEVERITIES,
        nothing=says["nothing"],
        instead=_instead(scope),
        numbers=[Number(**said) for said in says["numbers"]],
        cards=_cards(says["cards"], scope, made.as_of) if made else [],
        drawn_from=_drawn_from(scope, made) if made else "",
        notebook=_notebook(made, scope) if made else "",
    )


def _drawn_from(scope: Scope, made: Made) -> str:
    return url_for("trends.figures", page=scope.page, as_of=made.as_of.isoformat(), **scope.words)


def asked(scope: Scope) -> Asked:
    """The question behind a page, by whoever looks: only their own teams, unless they see all."""
    mine = None if scope.team or may(viewer(), Act.SEE_ALL_TEAMS) else tuple(sorted(team_names()))
    urgency = scope.urgency if scope.is_of_alerts else None
    return Asked(
        scope.page,
        scope.measured,
        scope.weeks,
        scope.zone,
        scope.team,
        scope.service,
        scope.severity,
        urgency,
        mine,
    )


def tabs(scope: Scope) -> list[Chip]:
    """The pages of Trends with the same filters."""
    return [Chip(word, scope.on(page), page == scope.page) for page, word in TABS.items()]


def teams(scope: Scope) -> list[Chip]:
    """The teams to choose from, all of them first."""
    return [_chip(scope, name or _all(), replace(scope, team=name)) for name in (None, *team_names())]


def weeks(scope: Scope) -> list[Chip]:
    """The windows to choose from."""
    return [_chip(scope, word, replace(scope, weeks=int(number))) for number, word in WEEKS.items()]


def urgencies(scope: Scope) -> list[Chip]:
    """The urgencies to choose from, where there is a choice."""
    if not scope.is_of_alerts:
        return []
    return [_chip(scope, word, replace(scope, urgency=value)) for value, word in URGENCIES.items()]


def _instead(scope: Scope) -> Chip:
    """The next step where there is nothing to measure."""
    own = scope.service if scope.page == "service" else None
    wider = replace(scope, team=None, service=own, severity=None, urgency=None)
    if wider != scope:
        return _chip(scope, "Clear the filters", wider)
    if scope.weeks != max(map(int, WEEKS)):
        return _chip(scope, "Look at 12 weeks", replace(scope, weeks=12))
    return Chip("See what is connected", url_for("services.index"), False)


def _cards(cards: list[dict[str, Any]], scope: Scope, at: datetime) -> list[Card]:
    """Those with a figure first, then the lists: side by side they are as high as each other."""
    return sorted((card_of(card, scope, at) for card in cards), key=lambda card: not card.is_drawn)


def card_of(card: dict[str, Any], scope: Scope, at: datetime) -> Card:
    """A measured card as the page shows it, with what each row and point leads to."""
    lead = trends_links.of(card, {**scope.words, "of": scope.measured, "page": scope.page}, at)
    shown = card["rows"][:SHOWN]
    right = [all(_NUMBER.fullmatch(word) for word in column) for column in zip(*shown, strict=True)]
    rows = [[Cell(word, lead(word, place), right[place]) for place, word in enumerate(line)] for line in shown]
    links = {
        label: cell.href
        for line in rows
        for cell in line
        if cell.href
        for label in trends_links.labels(cell.word)
    }
    return Card(
        card["name"],
        card["title"],
        card.get("besides", ""),  # none where its page was kept by an older Nightbell
        card["figure"],
        card["is_drawn"],
        card.get("height", 0),
        card["columns"],
        rows,
        len(card["rows"]) - len(shown),
        url_for("trends.table", page=scope.page, card=card["name"], as_of=at.isoformat(), **scope.words),
        json.dumps(links),
        card["footer"],
        card["how_we_know"],
    )


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


def _all() -> str:
    return "All teams" if may(viewer(), Act.SEE_ALL_TEAMS) else "My teams"


def _chip(scope: Scope, word: str, other: Scope) -> Chip:
    return Chip(word, other.address, other == scope)


def _notebook(made: Made, scope: Scope) -> str:
    """The command that runs the notebook on this database with this window, on the overview all of them; empty
    where none shows the page, or none that is narrowed so: by a filter, or to the teams of whoever looks.
    """
    notebook, question = PAGES[scope.page][1], asked(scope)
    is_narrowed = scope.service or scope.severity or question.urgency or question.teams is not None
    if notebook is None or is_narrowed:
        return ""
    on_sqlite = current_app.config["settings"].on_sqlite
    source = "sqlite:///instance/nightbell.db" if on_sqlite else '"$NIGHTBELL_DATABASE_URL"'
    words = {"start": made.says["since"], "end": made.says["until"], "as-of": made.as_of.isoformat()}
    window = " ".join(f"--{name} {at}" for name, at in words.items())
    team = f" --team {shlex.quote(scope.team)}" if scope.team else ""
    where = f"--zone {shlex.quote(scope.zone)}{team}"
    file = f" notebooks/{notebook}.ipynb" if notebook else ""
    return f"bin/notebooks --source {source} {window} {where}{file}"
