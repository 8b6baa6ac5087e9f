"""The list behind a figure's point: incidents or alerts of a scope, narrowed to a week, a rule or a target."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for

from app import clock
from app.incidents import access
from app.people.models import User
from app.trends import compute
from app.trends import tables as trend_tables
from app.web import trends_view
from app.web.trends_view import Scope
from app.web.words import ALERT_LEVEL, INCIDENT_LEVEL, calendar_day

SHOWN = 200
LEVELS = {str(each): level for each, level in ALERT_LEVEL.items()} | {
    str(each).upper(): level for each, level in INCIDENT_LEVEL.items()
}
HOURS = [str(hour) for hour in range(24)]


@dataclass(frozen=True)
class Row:
    title: str
    href: str | None  # None: the viewer may not open it
    level: int | None  # of its severity
    facts: str


@dataclass(frozen=True)
class Behind:
    sentence: str
    rows: list[Row]
    more: int  # not shown


def rows(scope: Scope, at: datetime, asked: Mapping[str, str], *, person: User) -> Behind | None:
    """What stands behind a point, the newest first; None for a week that is none, or a day or hour."""
    import pandas as pd

    from analytics import response, volume, words
    from analytics.reports import handed_on
    from analytics.weeks import week_of

    question = trends_view.asked(scope)
    window = compute.scope_of(question, at)
    tables = compute.narrowed(question, trend_tables.read(at, clock.now()))
    is_alerts = scope.kind == "alerts"
    start, key = ("fired_at", "alert_id") if is_alerts else ("detected_at", "incident_id")
    inside = window.inside(getattr(tables, scope.kind), start)
    found = volume.countable(inside, as_of=at, events=tables.events)  # as the point counts them
    if "week" in asked:
        try:
            week = date.fromisoformat(asked["week"])
        except ValueError:
            return None
        found = found[week_of(found[start], scope.zone) == pd.Timestamp(week)]
    if "day" in asked:
        if asked["day"] not in volume.WEEKDAYS or asked.get("hour", "0") not in HOURS:
            return None
        hour = int(asked["hour"]) if "hour" in asked else None
        found = found[volume.in_hour(found[start], zone=scope.zone, day=asked["day"], hour=hour)]
    for name in ("rule", "target"):
        if name in asked and is_alerts:
            found = found[found[name] == asked[name]]
    if "only" in asked:
        found = found[found["severity"] == asked["only"]]
    if "hands" in asked and not is_alerts:
        ids = handed_on.behind(found, asked["hands"], as_of=at, events=tables.events)
        found = found[found[key].isin(ids)]
    durations = response.time_to_resolve(found, as_of=at, events=tables.events)
    lasted = durations["minutes"].where(durations["left_out"].isna())
    newest = found.assign(lasted=lasted.to_numpy()).sort_values(start, ascending=False)
    shown = newest.head(SHOWN)
    seen = access.seen(person, [int(i) for i in shown[key]]) if is_alerts else None
    made = [
        Row(
            str(line["rule"] if is_alerts else line["title"]),
            _address(scope.kind, int(line[key])) if seen is None or int(line[key]) in seen else None,
            LEVELS.get(str(line["severity"])),
            " · ".join(filter(None, (
                str(line["severity"]).capitalize() if is_alerts else str(line["severity"]),
                "" if pd.isna(line["service"]) else str(line["service"]), words.moment(line[start], scope.zone),
                "" if pd.isna(line["lasted"]) else words.duration(float(line["lasted"])),
            ))),
        )
        for line in shown.to_dict("records")
    ]  # fmt: skip
    what = words.count(len(newest), scope.kind.removesuffix("s"))
    since, until = (words.day(end, scope.zone) for end in (window.window.since, window.window.until))
    sentence = f"{what} behind this point: {_narrowed(asked)}{since} to {until}, {scope.zone}."
    return Behind(sentence, made, max(0, len(newest) - SHOWN))


def _narrowed(asked: Mapping[str, str]) -> str:
    """ "week of Mon 5 Oct 2026, ", "Tue 03:00 to 04:00, ": what of the window the point stands for."""
    said = [word for name, word in asked.items() if name in ("rule", "target", "hands", "only")]
    if "week" in asked:
        said.insert(0, f"week of {calendar_day(date.fromisoformat(asked['week']), with_year=True)}")
    if "day" in asked:
        hour = int(asked.get("hour", 0))
        said.insert(0, f"{asked['day']} {hour:02}:00 to {hour + 1:02}:00" if "hour" in asked else asked["day"])
    return "".join(f"{word}, " for word in said)


def _address(kind: str, number: int) -> str:
    return url_for("alerts.show" if kind == "alerts" else "incidents.show", number=number)
