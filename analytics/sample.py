"""A seeded, plausible year of on-call life: the same seed gives the same rows, to the microsecond.

Three teams, ten services, a few rules that cry wolf, slower nights, a change at the start of September that
made acknowledging faster, and the usual dirt: incidents nobody closed properly, merged ones, drills, reopened
ones, and some that are still open at the end. Nobody in it is real.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analytics import columns, sample_noise, sample_people
from analytics.tables import Tables

SEED = 20260105
ZONE = "Europe/Riga"
START = pd.Timestamp("2025-01-05T22:00:00Z")  # Monday 00:00 in Riga
END = pd.Timestamp("2026-01-04T22:00:00Z")  # 52 weeks later
FASTER_SINCE = pd.Timestamp("2025-09-01T07:00:00Z")

SERVICES = {
    "Checkout": "Payments", "Ledger": "Payments", "Card gateway": "Payments", "Refunds": "Payments",
    "Search": "Storefront", "Catalogue": "Storefront", "Images": "Storefront",
    "Message queue": "Platform", "Databases": "Platform", "Sign-in": "Platform",
}  # fmt: skip
PEOPLE = {
    "Payments": ("Ada", "Ben", "Cleo", "Ines"),
    "Storefront": ("Dan", "Priya", "Tomas", "Wanjiru"),
    "Platform": ("Yuki", "Mara", "Oleg", "Sofia"),
}
#: rule: (alert severity, weight, share that ends by itself, median minutes it lasts)
RULES = {
    "Error rate above 2 %": ("critical", 9, 0.18, 42),
    "Latency above 800 ms": ("error", 14, 0.45, 25),
    "No successful probe": ("critical", 6, 0.30, 33),
    "Queue is growing": ("error", 11, 0.50, 38),
    "Replica lag": ("warning", 13, 0.72, 14),
    "Disk above 80 %": ("warning", 16, 0.64, 160),
    "Restarted too often": ("warning", 10, 0.60, 9),
    "Certificate in 30 days": ("info", 3, 0.05, 2100),
    "Backup is late": ("info", 4, 0.35, 420),
}
INCIDENT_LEVEL = {"critical": "SEV1", "error": "SEV2", "warning": "SEV3", "info": "SEV5"}
PROMOTED = {"critical": 0.42, "error": 0.22, "warning": 0.10, "info": 0.02}
ONLY_FOR_EVENTS = ["first_resolved_at", "reopened_at", "alert_id", "commander"]
ACKNOWLEDGE_MEDIAN = {"critical": 2.4, "error": 3.8, "warning": 14.0, "info": 95.0}


def year(seed: int = SEED) -> Tables:
    """The tables of the year [START, END), as they stood at its end."""
    dice = np.random.default_rng(seed)
    alerts = _alerts(dice)
    incidents = _incidents(dice, alerts)
    alerts = _link(alerts, incidents)
    more = np.random.default_rng([seed, 1])
    noise = sample_noise.alerts(more, alerts, START, END)
    incidents = sample_people.impact(more, incidents)
    joined = sample_people.responders(more, incidents, PEOPLE)
    more_events = pd.concat([joined, sample_people.escalations(alerts)], ignore_index=True)
    events = _events(dice, incidents, more_events)
    pages = _pages(dice, alerts)
    return Tables(
        incidents=columns.tidy(
            _as_known(incidents.drop(columns=ONLY_FOR_EVENTS), "detected_at"), columns.INCIDENTS
        ),
        events=columns.tidy(events, columns.EVENTS),
        alerts=_with_more(alerts, noise, "fired_at", columns.ALERTS),
        pages=_with_more(pages, sample_noise.pages(more, noise, PEOPLE, START), "sent_at", columns.PAGES),
        shifts=columns.tidy(sample_people.shifts(PEOPLE, START, END), columns.SHIFTS),
        people=columns.tidy(sample_people.people(PEOPLE, ZONE), columns.PEOPLE),
        as_of=END,
    )


@dataclass(frozen=True)
class _Draws:
    """Choices by chance, all from one generator."""

    dice: np.random.Generator
    n: int

    def minutes(self, median: Any, spread: float) -> pd.Series:
        """Log-normal lengths of time around `median`."""
        drawn = np.exp(self.dice.normal(np.log(np.asarray(median, dtype="float64")), spread, self.n))
        return pd.Series(pd.to_timedelta((drawn * 60e6).round(), unit="us")).astype("timedelta64[us]")

    def happens(self, chance: Any) -> pd.Series:
        return pd.Series(self.dice.random(self.n) < np.asarray(chance, dtype="float64"))

    def one_of(self, words: Any, weights: Any = None) -> pd.Series:
        share = None if weights is None else np.asarray(weights, dtype="float64") / np.sum(weights)
        return pd.Series(self.dice.choice(np.asarray(words, dtype=object), self.n, p=share))


def _alerts(dice: np.random.Generator) -> pd.DataFrame:
    fired = _moments(dice)
    draw = _Draws(dice, len(fired))
    rule = draw.one_of(list(RULES), [weight for _, weight, _, _ in RULES.values()])
    severity, alone, lasting = _of_rules(rule)
    service = draw.one_of(list(SERVICES), [14, 8, 7, 4, 9, 6, 5, 11, 12, 6])
    night = fired.dt.tz_convert(ZONE).dt.hour.isin([22, 23, 0, 1, 2, 3, 4, 5, 6, 7])
    slower = np.where(night, 1.9, 1.0) * np.where(fired >= FASTER_SINCE, 0.72, 1.0)
    acknowledged = fired + draw.minutes(severity.map(ACKNOWLEDGE_MEDIAN) * slower, 0.95)
    by_itself = draw.happens(alone)
    resolved = fired + draw.minutes(lasting.where(~by_itself, lasting * 1.4), 1.1)
    forgotten = draw.happens(np.where(severity.isin(["warning", "info"]), 0.02, 0.0))
    resolved = resolved.mask(forgotten, fired + pd.Timedelta(days=7))
    seen = (acknowledged < resolved) & ~forgotten & draw.happens(np.where(severity == "info", 0.6, 0.985))
    judged = draw.one_of(["actionable", "false positive", "flapping", "duplicate", "other"], [58, 17, 12, 9, 4])
    return pd.DataFrame(
        {
            "alert_id": [f"A{number}" for number in range(1, len(fired) + 1)],
            "rule": rule,
            "service": service,
            "team": service.map(SERVICES),
            "target": service.str.lower().str.replace(" ", "-") + "-" + draw.one_of(["1", "2", "3"], [6, 3, 1]),
            "severity": severity,
            "fired_at": fired,
            "acknowledged_at": acknowledged.where(seen),
            "acknowledged_by": pd.Series("human", index=fired.index).where(seen),
            "resolved_at": resolved,
            "resolved_by": pd.Series("human", index=fired.index)
            .mask(by_itself, "source")
            .mask(forgotten, "timeout"),
            "incident_id": None,
            "usefulness": judged.where(draw.happens(0.4)),
        }
    )


def _of_rules(rule: "pd.Series[Any]") -> tuple[Any, Any, Any]:
    """Severity, share that ends by itself and typical minutes, row by row."""
    severity, _, alone, lasting = zip(*(RULES[name] for name in rule), strict=True)
    return pd.Series(severity), pd.Series(alone), pd.Series(lasting, dtype="float64")


def _moments(dice: np.random.Generator) -> pd.Series:
    """When alerts fire: more by day and on weekdays, and now and then one check fires again and again."""
    hours = pd.date_range(START, END, freq="h", inclusive="left", unit="us")
    local = hours.tz_convert(ZONE)
    busy = np.where((local.hour >= 8) & (local.hour < 19), 1.5, 0.75) * np.where(
        local.day_of_week < 5, 1.1, 0.7
    )
    fires = dice.poisson(0.42 * busy)
    storms = dice.random(len(hours)) < 0.004
    fires = fires + np.where(storms, dice.integers(3, 9, len(hours)), 0)
    microseconds = dice.integers(0, 3_600_000_000, int(fires.sum()))
    moments = hours.repeat(fires) + pd.to_timedelta(microseconds, unit="us")
    return pd.Series(moments.sort_values()).astype("datetime64[us, UTC]")


def _incidents(dice: np.random.Generator, alerts: pd.DataFrame) -> pd.DataFrame:
    """Incidents, mostly promoted from an alert that somebody had acknowledged."""
    promoted = (
        _Draws(dice, len(alerts)).happens(alerts["severity"].map(PROMOTED)) & alerts["acknowledged_at"].notna()
    )
    source = alerts[promoted].reset_index(drop=True)
    draw = _Draws(dice, len(source))
    detected, acknowledged = source["fired_at"], source["acknowledged_at"]
    level = source["severity"].map(INCIDENT_LEVEL)
    level = level.mask((level == "SEV3") & draw.happens(0.4), "SEV4")
    declared = acknowledged + draw.minutes(4.0, 0.8)
    typical = level.map({"SEV1": 34.0, "SEV2": 58.0, "SEV3": 150.0, "SEV4": 420.0, "SEV5": 1900.0})
    mitigated = declared + draw.minutes(typical, 0.9)
    dragging = draw.happens(0.05)  # waiting for a vendor, a part, an owner
    resolved = mitigated + draw.minutes(typical * np.where(dragging, 60.0, 0.6), 1.2)
    closed = resolved + pd.Timedelta(days=3)
    reopened = draw.happens(0.04)
    again = draw.minutes(240.0, 0.7)
    final = resolved.mask(reopened, resolved + again + draw.minutes(90.0, 0.9))
    stop_unknown = draw.happens(0.015)
    kind = draw.one_of(["incident", "drill", "maintenance"], [95, 2, 3])
    numbers = [f"INC{number}" for number in range(1, len(source) + 1)]
    merged = draw.happens(0.02) & (pd.Series(range(len(source))) > 0)
    return pd.DataFrame(
        {
            "incident_id": numbers,
            "title": source["rule"] + ": " + source["service"],
            "service": source["service"],
            "team": source["team"],
            "severity": level,
            "kind": kind,
            "impact_started_at": (detected - draw.minutes(6.0, 0.8)).where(draw.happens(0.35)),
            "detected_at": detected,
            "declared_at": declared,
            "acknowledged_at": acknowledged,
            "mitigated_at": mitigated.mask(stop_unknown),
            "resolved_at": final.mask(stop_unknown),
            "closed_at": closed.where(~reopened, final + pd.Timedelta(days=3)),
            "merged_into": pd.Series(numbers).shift(1).where(merged),
            "reopen_count": reopened.astype("int64"),
            "reassignment_count": dice.poisson(0.5, len(source)),
            "first_resolved_at": resolved.where(reopened),
            "reopened_at": (resolved + again).where(reopened),
            "alert_id": source["alert_id"],
            "commander": [
                PEOPLE[team][pick]
                for team, pick in zip(source["team"], dice.integers(0, 4, len(source)), strict=True)
            ],
        }
    )


def _link(alerts: pd.DataFrame, incidents: pd.DataFrame) -> pd.DataFrame:
    owner = incidents.set_index("alert_id")["incident_id"]
    return alerts.assign(incident_id=alerts["alert_id"].map(owner))


def _events(dice: np.random.Generator, incidents: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    """What the milestones left in the log, in order of time."""
    milestones = {
        "alert_added": "detected_at", "acknowledged": "acknowledged_at", "declared": "declared_at",
        "mitigated": "mitigated_at", "resolved": "resolved_at", "reopened": "reopened_at",
        "closed": "closed_at",
    }  # fmt: skip
    parts = [_kind_of_event(incidents, kind, column) for kind, column in milestones.items()]
    parts.append(_kind_of_event(incidents, "resolved", "first_resolved_at"))
    raised = incidents[_Draws(dice, len(incidents)).happens(0.12).to_numpy()]
    changed = _kind_of_event(raised, "severity_changed", "declared_at").assign(**{"from": "SEV3"})
    parts.append(changed.assign(to=raised["severity"].to_numpy(), at=changed["at"] + pd.Timedelta(minutes=7)))
    parts.append(more)
    log = pd.concat(parts, ignore_index=True)
    return log[log["at"] < END].sort_values(["at", "incident_id"], kind="stable")


def _kind_of_event(incidents: pd.DataFrame, kind: str, column: str) -> pd.DataFrame:
    rows = incidents[incidents[column].notna()]
    facts = {
        "incident_id": rows["incident_id"],
        "at": rows[column],
        "actor": rows["commander"],
        "team": rows["team"],
    }
    return pd.DataFrame({**facts, "kind": kind, "from": None, "to": None})


def _pages(dice: np.random.Generator, alerts: pd.DataFrame) -> pd.DataFrame:
    """One page for each urgent alert, a second one five minutes later to the next person if nobody had it."""
    urgent = alerts[alerts["severity"].isin(["critical", "error"])].reset_index(drop=True)
    unanswered = urgent["acknowledged_at"].isna() | (
        urgent["acknowledged_at"] - urgent["fired_at"] > pd.Timedelta(minutes=5)
    )
    late = unanswered & (urgent["resolved_at"] - urgent["fired_at"] > pd.Timedelta(minutes=5))
    first = _round_of_pages(dice, urgent, wait=pd.Timedelta(0), step=0)
    second = _round_of_pages(dice, urgent[late].reset_index(drop=True), wait=pd.Timedelta(minutes=5), step=1)
    pages = pd.concat([first, second], ignore_index=True).sort_values(
        "sent_at", kind="stable", ignore_index=True
    )
    return pages.assign(page_id=[f"P{number}" for number in range(1, len(pages) + 1)])


def _round_of_pages(
    dice: np.random.Generator, alerts: pd.DataFrame, *, wait: pd.Timedelta, step: int
) -> pd.DataFrame:
    draw = _Draws(dice, len(alerts))
    sent = alerts["fired_at"] + wait + draw.minutes(0.006, 0.5)
    delivered = (sent + draw.minutes(0.02, 0.7)).where(draw.happens(0.985))
    # whose week it is, or the next in line
    turn = (alerts["fired_at"] - START).dt.days // 7 + step
    user = [PEOPLE[team][week % 4] for team, week in zip(alerts["team"], turn, strict=True)]
    answered = alerts["acknowledged_at"].where(alerts["acknowledged_at"] > sent)
    ids = {"alert_id": alerts["alert_id"], "incident_id": alerts["incident_id"]}
    return pd.DataFrame(
        {
            "user": user,
            **ids,
            "channel": "push",
            "sent_at": sent,
            "delivered_at": delivered,
            "answered_at": answered,
        }
    )


def _with_more(
    rows: pd.DataFrame, more: pd.DataFrame, start: str, promised: Mapping[str, columns.Kind]
) -> pd.DataFrame:
    """Both, in order of time, as known at the end of the year."""
    parts = [columns.tidy(_as_known(part, start), promised) for part in (rows, more)]
    return pd.concat(parts, ignore_index=True).sort_values(start, kind="stable", ignore_index=True)


def _as_known(rows: pd.DataFrame, start: str) -> pd.DataFrame:
    """The rows as they stand at the end of the year: what comes later has not happened."""
    known = rows[rows[start] < END]
    moments = [name for name in known.columns if name.endswith("_at")]
    return known.assign(**{name: known[name].where(known[name] < END) for name in moments})
