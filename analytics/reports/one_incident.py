"""What happened, and where did the time go?"""

from typing import Any

import pandas as pd

from analytics import figures, milestones, response, words
from analytics.card import Card, Report, Scope, in_words
from analytics.milestones import PHASES
from analytics.response import known_rows
from analytics.tables import Tables
from analytics.volume import countable

STATUS = {
    "impact_started_at": "impact began",
    "detected_at": "detected",
    "declared_at": "declared",
    "acknowledged_at": "acknowledged",
    "mitigated_at": "mitigated",
    "resolved_at": "resolved",
    "closed_at": "closed",
    "impact_ended_at": "impact ended",
}
HOW_USUAL = (
    "This incident's phase beside the median of the same service's incidents before it, with that median's"
    " interval."
)


def one_incident(tables: Tables, scope: Scope, incident: str | None = None) -> Report:
    """The timeline of one incident (by default the longest of the window), and its phases against the usual."""
    inside = countable(scope.inside(tables.incidents, "detected_at"), as_of=scope.as_of, events=tables.events)
    rows = known_rows(inside, scope.as_of, tables.events).rows
    name = incident or _longest(rows, tables.events, scope)
    named = tables.incidents[tables.incidents["incident_id"] == name]
    row = known_rows(named, scope.as_of, tables.events).rows
    if row.empty:
        return _nothing(scope, name)
    one = row.iloc[0]
    story = _story(one, tables, scope)
    usual = _usual(one, tables, scope)
    cards = (_lanes(story, one, scope), _phases(usual, one, scope))
    return Report(
        "00_one_incident",
        "What happened, and where did the time go?",
        _answer(one, usual, scope),
        scope.header,
        cards,
        _decide(one, usual),
    )


def _story(one: "pd.Series[Any]", tables: Tables, scope: Scope) -> pd.DataFrame:
    """Everything recorded about it by `as_of`: ``at``, ``lane``, ``what``, in order."""
    number = one["incident_id"]
    alerts = tables.alerts[tables.alerts["incident_id"] == number]
    pages = tables.pages[
        (tables.pages["incident_id"] == number) | tables.pages["alert_id"].isin(alerts["alert_id"])
    ]
    log = tables.events[(tables.events["incident_id"] == number)]
    lines = [{"at": one[m], "lane": "Status", "what": word} for m, word in STATUS.items() if m in one.index]
    lines += [{"at": a.fired_at, "lane": "Alerts", "what": f"{a.rule} fired"} for a in alerts.itertuples()]
    lines += [{"at": a.resolved_at, "lane": "Alerts", "what": f"{a.rule} over"} for a in alerts.itertuples()]
    lines += [{"at": p.sent_at, "lane": "Pages", "what": f"page to {p.user}"} for p in pages.itertuples()]
    lines += [{"at": p.answered_at, "lane": "Pages", "what": f"{p.user} answered"} for p in pages.itertuples()]
    people = log[log["kind"].isin(["joined", "left", "commander_changed", "noted"])]
    lines += [
        {"at": e.at, "lane": "People", "what": f"{e.actor} {e.kind.replace('_', ' ')}"}
        for e in people.itertuples()
    ]
    story = pd.DataFrame(lines, columns=["at", "lane", "what"])
    story = story[story["at"].notna() & (story["at"] <= scope.as_of)]
    return story.sort_values(["at", "lane", "what"], kind="stable", ignore_index=True)


def _lanes(story: pd.DataFrame, one: "pd.Series[Any]", scope: Scope) -> Card:
    shown = story.assign(when=[words.moment(at, scope.zone) for at in story["at"]])
    return Card(
        "timeline",
        f"{words.count(len(story), 'entry').replace('entrys', 'entries')} on {one['incident_id']}:"
        f" {one['title']}.",
        "What happened, in order, by alerts, pages, people and status",
        lambda theme: figures.lanes(story, zone=scope.zone, theme=theme),
        in_words(shown, {"when": ("When", "word"), "lane": ("Lane", "word"), "what": ("What", "word")}),
        scope.footer(len(story), "entries"),
        "As recorded by the moment of this report; times in the report's zone.",
        behind={"incident": (str(one["incident_id"]),)},
    )


def _usual(one: "pd.Series[Any]", tables: Tables, scope: Scope) -> pd.DataFrame:
    """Per phase: this incident's minutes, and the service's median before it with its interval."""
    before = tables.incidents[
        (tables.incidents["service"] == one["service"]) & (tables.incidents["detected_at"] < one["detected_at"])
    ]
    table = milestones.phase_shares(before, as_of=scope.as_of, events=tables.events)
    here = {}
    for phase, (start, stop) in PHASES.items():
        begun, done = one.get(start), one.get(stop)
        done = scope.as_of if pd.isna(done) or done > scope.as_of else done
        here[phase] = float("nan") if pd.isna(begun) else max(0.0, (done - begun).total_seconds() / 60)
    return table.assign(
        here=pd.Series(here), reached=[_reached(one, stop, scope) for _, stop in PHASES.values()]
    )


def _reached(one: "pd.Series[Any]", stop: str, scope: Scope) -> bool:
    return bool(not pd.isna(one.get(stop)) and one[stop] <= scope.as_of)


def _phases(usual: pd.DataFrame, one: "pd.Series[Any]", scope: Scope) -> Card:
    long = usual[(usual["here"] > usual["high"]) & usual["high"].notna()]
    sentence = (
        f"Longer than usual for {one['service']}: {words.listed([str(p) for p in long.index])}."
        if len(long) else "No phase took clearly longer than usual."
    )  # fmt: skip
    usually = usual[["median", "low", "high"]].rename(index=lambda p: f"{p}: usually")
    here = pd.DataFrame(dict.fromkeys(usually.columns, usual["here"])).rename(index=lambda p: f"{p}: here")
    both = pd.concat([here, usually]).loc[[f"{p}: {how}" for p in usual.index for how in ("here", "usually")]]
    shown = usual.assign(state=["" if r else "not reached" for r in usual["reached"]])
    return Card(
        "phases",
        sentence,
        "Each phase here and usually",
        lambda theme: figures.phase_shares(both, title="Phases, here and usually", theme=theme),
        in_words(
            shown,
            {
                "index": ("Phase", "word"),
                "here": ("Here", "time"),
                "median": ("Usually", "time"),
                "low": ("From", "time"),
                "high": ("To", "time"),
                "n": ("n before", "count"),
                "state": ("State", "word"),
            },
        ),
        scope.footer(int(usual["n"].max()), "incidents of the service before it"),
        HOW_USUAL,
    )


def _answer(one: "pd.Series[Any]", usual: pd.DataFrame, scope: Scope) -> str:
    lasted = (min(_end(one, scope), scope.as_of) - one["detected_at"]).total_seconds() / 60
    over = _reached(one, "resolved_at", scope)
    phase = usual["here"].idxmax() if usual["here"].notna().any() else "detect"
    word = "took" if over else "has lasted"
    return (
        f"{one['incident_id']} ({one['severity']}, {one['service']}) {word} {words.duration(float(lasted))};"
        f" most of it went to {phase}."
    )


def _end(one: "pd.Series[Any]", scope: Scope) -> pd.Timestamp:
    at: pd.Timestamp = scope.as_of if pd.isna(one["resolved_at"]) else one["resolved_at"]
    return at


def _decide(one: "pd.Series[Any]", usual: pd.DataFrame) -> tuple[str, ...]:
    found = [
        f"Write down when {word} for {one['incident_id']}: it is not recorded."
        for m, word in (("impact_started_at", "the impact began"), ("mitigated_at", "users stopped hurting"))
        if pd.isna(one.get(m))
    ]
    long = usual[(usual["here"] > usual["high"]) & usual["high"].notna()]
    found += [
        f"What would have made “{phase}” shorter? Write one action with an owner." for phase in long.index
    ]
    return tuple(found) or ("The record is complete and no phase stands out. Close the review.",)


def _longest(rows: pd.DataFrame, events: pd.DataFrame, scope: Scope) -> str:
    durations = response.counted(response.time_to_resolve(rows, as_of=scope.as_of, events=events))
    return str(durations["minutes"].idxmax()) if len(durations) else ""


def _nothing(scope: Scope, name: str) -> Report:
    said = f"There is no incident {name}." if name else "There were no incidents in this window."
    none = Card(
        "timeline",
        said,
        "What happened, in order",
        lambda theme: figures.lanes(pd.DataFrame(columns=["at", "lane", "what"]), zone=scope.zone, theme=theme),
        pd.DataFrame(),
        scope.footer(0, "entries"),
        HOW_USUAL,
    )
    phases = Card(
        "phases",
        said,
        "Each phase here and usually",
        None,
        pd.DataFrame(),
        scope.footer(0, "incidents"),
        HOW_USUAL,
    )
    return Report(
        "00_one_incident",
        "What happened, and where did the time go?",
        said,
        scope.header,
        (none, phases),
        ("Nothing to decide.",),
    )
