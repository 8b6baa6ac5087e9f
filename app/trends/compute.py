"""A page of Trends, computed: the report of `analytics` that the notebook shows, as data that can be kept.

Nothing here is read before a page is asked for: pandas and plotly come with the first call.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.trends.asked import Asked

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from analytics.card import Card, Report, Scope
    from analytics.tables import Tables

#: the report of `analytics` that a page shows
REPORTS = {
    "home": "overview", "response": "response_times", "alerts": "alert_quality", "load": "pager_load",
    "service": "service",
}  # fmt: skip
OF_EITHER = ("response", "service")  # pages that speak of alerts or of incidents
OF_INCIDENTS = (
    "rate",
    "degraded",
    "burn-down",
    "effort",
    "shifts",
    "shifts-over",
)  # cards that are so on every page
WITH_NUMBERS = ("home", "response", "service")


@dataclass(frozen=True)
class Made:
    """A page as known at `as_of`. `says` is its words and numbers as JSON has them; `figures` is by theme one
    JSON object, each figure by the name of its card.
    """

    as_of: datetime
    says: dict[str, Any]
    figures: dict[str, str]
    is_outgrown: bool = False  # a newer one is being worked out


def page(asked: Asked, everything: "Tables", at: datetime) -> Made:
    """What there is to say, of the rows that `asked` may read."""
    tables, scope = narrowed(asked, everything), scope_of(asked, at)
    if asked.page == "recommendations":
        return Made(at, {"header": _header(asked, scope), **_recommendations(tables, scope)}, {})
    noun = asked.kind
    n = len(scope.inside(getattr(tables, noun), "detected_at" if noun == "incidents" else "fired_at"))
    report = _about(asked, _report(asked, tables, scope))
    drawn = _drawn(report)
    says = {
        "header": _header(asked, scope),
        "nothing": "" if n else f"There were no {noun} in this window, so there is nothing to measure.",
        "numbers": _numbers(asked, tables, scope) if asked.page in WITH_NUMBERS else [],
        "cards": [_card(card, drawn["light"].get(card.name)) for card in report.cards] if n else [],
        **_window(scope),
    }
    return Made(at, says, {theme: _as_json(figures) for theme, figures in drawn.items()})


def narrowed(asked: Asked, tables: "Tables") -> "Tables":
    """Only the rows that the page is about."""
    if asked.teams is not None:
        tables = tables.of_teams(list(asked.teams))
    tables = tables.of_team(asked.team).of_service(asked.service).of_severity(asked.severity)
    return tables.of_urgency(asked.urgency)


def scope_of(asked: Asked, at: datetime) -> "Scope":
    """Window, moment and zone, as reports take them."""
    import pandas as pd

    import analytics
    from analytics.card import Scope
    from analytics.tables import nothing

    moment = pd.Timestamp(at.astimezone(UTC)).as_unit("us")
    return Scope(analytics.window(nothing(moment), zone=asked.zone, weeks=asked.weeks), asked.zone)


def _recommendations(tables: "Tables", scope: "Scope") -> dict[str, Any]:
    from analytics.recommend import recommend

    found = [{"key": one.key, **one.as_data()} for one in recommend(tables, scope)]
    return {"recommendations": found, **_window(scope)}


def _header(asked: Asked, scope: "Scope") -> str:
    return scope.header + (f", alerts of {asked.urgency} urgency" if asked.urgency else "")


def _window(scope: "Scope") -> dict[str, str]:
    return {"since": scope.window.since.isoformat(), "until": scope.window.until.isoformat()}


def _report(asked: Asked, tables: "Tables", scope: "Scope") -> "Report":
    from analytics import reports

    build: Callable[..., Report] = getattr(reports, REPORTS[asked.page])
    more = {"noun": asked.kind.removesuffix("s")} if asked.page in OF_EITHER else {}
    return build(tables, scope, **more)


def _about(asked: Asked, report: "Report") -> "Report":
    """Where one urgency is asked about, without the cards of incidents: they have none."""
    if asked.urgency is None:
        return report
    return replace(report, cards=tuple(card for card in report.cards if card.name not in OF_INCIDENTS))


def _card(card: "Card", figure: "Figure | None") -> dict[str, Any]:
    return {
        "name": card.name, "title": card.heading, "besides": card.besides, "figure": card.about,
        "is_drawn": figure is not None,
        "height": figure.layout.height if figure is not None else 0,
        "columns": [str(name) for name in card.table.columns],
        "rows": [[str(word) for word in line] for line in card.table.to_numpy()],
        "behind": sorted({name for names in card.behind.values() for name in names if name}),
        "footer": card.footer, "how_we_know": card.how_we_know,
    }  # fmt: skip


def _drawn(report: "Report") -> "dict[str, dict[str, Figure]]":
    """The figures by theme and card. An empty frame of 300 px says nothing that the sentence does not."""
    shown = [card for card in report.cards if card.draw is not None and not card.table.empty]
    return {theme: {card.name: card.figure(theme) for card in shown} for theme in ("light", "dark")}


def _as_json(figures: "dict[str, Figure]") -> str:
    from analytics.theme import CONFIG

    drawn = [f"{json.dumps(name)}: {figure.to_json()}" for name, figure in figures.items()]
    return "{" + ", ".join([*drawn, f'"config": {json.dumps(CONFIG)}']) + "}"


def _numbers(asked: Asked, tables: "Tables", scope: "Scope") -> list[dict[str, Any]]:
    """The headlines: two lengths, and on the overview two counts."""
    import pandas as pd

    from analytics import answer, pager_load

    rows, window = getattr(tables, asked.kind), scope.window
    found = answer.review(rows, window.since, window.until, scope.as_of, scope.zone, events=tables.events)
    made = [_length(found.acknowledge), _length(found.resolve)]
    if asked.page != "home":
        return made
    length = window.until - window.since
    woken = pager_load.interruptions(tables.pages, as_of=scope.as_of, zone=scope.zone, people=tables.people)
    told = tables.alerts["fired_at"].min() <= window.since - length + pd.Timedelta(days=7)
    before = woken[(woken["at"] >= window.since - length) & (woken["at"] < window.since)]
    now = scope.inside(woken, "at")
    asleep, slept = now[now["kind"] == "sleep"], before[before["kind"] == "sleep"]
    return [
        *made,
        _count("Interruptions", len(now), len(before) if told else None, "pages within a minute count once"),
        _count("In somebody's sleep", len(asleep), len(slept) if told else None, "22 to 08, own zone"),
    ]


def _length(answer: Any) -> dict[str, Any]:
    if not answer.change_sentence:
        few = f"n {answer.n:,}, a median needs 6"
        return {"label": answer.title, "value": answer.median_words, "facts": few, "change": "",
                "is_better": False}  # fmt: skip
    facts = ["median", f"p90 {answer.p90_words}" if answer.p90_words else "", f"n {answer.n:,}"]
    return {
        "label": answer.title, "value": answer.median_words, "facts": " · ".join(filter(None, facts)),
        "change": answer.change[0].upper() + answer.change[1:], "is_better": " faster " in answer.change,
    }  # fmt: skip


def _count(label: str, now: int, before: int | None, facts: str) -> dict[str, Any]:
    """A count beside the one of the window before, if that is told of; a rate that chance could give is no
    change.
    """
    said = {"label": label, "value": f"{now:,}", "facts": facts, "is_better": False}
    if before is None:
        return {**said, "change": "Nothing earlier to compare with"}
    from scipy import stats

    total = now + before
    clear = total >= 20 and float(stats.binomtest(now, total).pvalue) < 0.05
    way = f"{'up' if now > before else 'down'} {abs(now - before):,}"
    moved = f"was {before:,}, {way}" if clear else ("no clear change" if total >= 20 else "too few to tell")
    return {**said, "change": moved[0].upper() + moved[1:], "is_better": clear and now < before}
