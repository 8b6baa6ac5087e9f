"""Made-up stories of incidents and alerts, and what a database tells of them at any moment."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from analytics import columns
from analytics.tables import Tables

BEGAN = pd.Timestamp("2025-06-01T22:00Z")
DAYS = 70
LETTERS = st.sampled_from("abc")
SEVERITIES = {"a": "SEV1", "b": "SEV2", "c": "SEV3"}

# few moments to choose from, so that many are the same
moments = st.builds(
    lambda day, minute: BEGAN + pd.Timedelta(days=day, minutes=minute),
    st.integers(0, DAYS - 1), st.sampled_from((0, 1, 30, 600)),
)  # fmt: skip
waits = st.lists(
    st.sampled_from((0, 1, 5, 60, 1440, 20_000)).map(lambda n: pd.Timedelta(minutes=n)), max_size=9
)


@dataclass(frozen=True)
class Story:
    """Something that begins and goes on in steps, each so long after the one before."""

    is_alert: bool
    begins: pd.Timestamp
    waits: tuple[pd.Timedelta, ...]
    group: tuple[str, str, str]  # service, team, what else differs
    by: str | None

    def at(self, number: int) -> pd.Timestamp | None:
        """When its step of that number came; None for never."""
        return (
            self.begins + sum(self.waits[: number + 1], pd.Timedelta(0)) if number < len(self.waits) else None
        )


stories = st.lists(
    st.builds(
        Story, st.booleans(), moments, waits.map(tuple), st.tuples(LETTERS, LETTERS, LETTERS),
        st.sampled_from(("human", "source", "timeout", None)),
    ),
    max_size=14,
)  # fmt: skip


def told(all_of_them: list[Story], at: pd.Timestamp) -> Tables:
    """The tables as somebody would have read them at that moment: what came later is not in them."""
    rows: dict[str, list[dict[str, Any]]] = {"incidents": [], "alerts": [], "events": [], "pages": []}
    for number, story in enumerate(all_of_them):
        if story.begins < at:
            rows["alerts" if story.is_alert else "incidents"].append(_row(number, story, at))
        rows["events"] += [event for event in _events(number, story) if event["at"] <= at]
        page = {"page_id": str(number), "user": story.group[1], "channel": "push", "sent_at": story.begins}
        if story.is_alert and story.begins < at:
            answered = _known(story.at(0), at)
            rows["pages"].append({**page, "alert_id": str(number), "answered_at": answered})
    promised = {name: getattr(columns, name.upper()) for name in rows}
    made = {
        name: columns.tidy(pd.DataFrame(each), promised[name]) if each else columns.empty(promised[name])
        for name, each in rows.items()
    }
    people = columns.tidy(
        pd.DataFrame([{"user": "a", "time_zone": "Asia/Kolkata"}, {"user": "b", "sleep_start": "01:00"}]),
        columns.PEOPLE,
    )
    duty = [{"user": name, "start": BEGAN, "end": BEGAN + pd.Timedelta(days=DAYS)} for name in "abc"]
    return Tables(
        **made, shifts=columns.tidy(pd.DataFrame(duty), columns.SHIFTS), people=people,
        as_of=BEGAN + pd.Timedelta(days=2 * DAYS),
    )  # fmt: skip


def _known(moment: pd.Timestamp | None, at: pd.Timestamp) -> pd.Timestamp | None:
    return moment if moment is not None and moment <= at else None


def _is_merged(story: Story) -> bool:
    """Whether its seventh step is that it goes into another."""
    return story.by == "source"


def _row(number: int, story: Story, at: pd.Timestamp) -> dict[str, Any]:
    service, team, other = story.group
    place = {"service": service, "team": team}
    if story.is_alert:
        return {
            "alert_id": str(number), "rule": other, "target": service, "severity": "error", **place,
            "fired_at": story.begins, "acknowledged_at": _known(story.at(0), at), "acknowledged_by": "human",
            "resolved_at": (over := _known(story.at(1), at)), "resolved_by": None if over is None else story.by,
        }  # fmt: skip
    first, again, last = (_known(story.at(step), at) for step in (2, 3, 4))
    resolved = last or (None if again is not None else first)
    kind = _known(story.at(8), at) and "drill" if story.by == "timeout" else None
    severity = "SEV4" if _known(story.at(7), at) is not None else SEVERITIES[other]
    return {
        "incident_id": str(number), "kind": kind or "incident", **place,
        "severity": severity, "detected_at": story.begins,
        "declared_at": story.begins, "acknowledged_at": _known(story.at(0), at),
        "mitigated_at": _known(story.at(1), at), "resolved_at": resolved,
        "reopen_count": int(again is not None), "reassignment_count": int(_known(story.at(5), at) is not None),
        "merged_into": "0" if _is_merged(story) and _known(story.at(6), at) is not None else None,
    }  # fmt: skip


def _events(number: int, story: Story) -> list[dict[str, Any]]:
    if story.is_alert:
        kinds, name = ("acknowledged", "resolved"), "alert_id"
    else:
        kinds, name = (
            ("acknowledged", "joined", "resolved", "reopened", "resolved", "reassigned"),
            "incident_id",
        )
        kinds = (*kinds, "merged") if _is_merged(story) else kinds
    moments = [(kind, story.at(step)) for step, kind in enumerate(kinds)]
    if not story.is_alert:
        moments.append(("severity_changed", story.at(7)))
        moments.append(("kind_changed", story.at(8) if story.by == "timeout" else None))
    was = {"severity_changed": SEVERITIES[story.group[2]].lower(), "kind_changed": "incident"}
    return [
        {name: str(number), "at": at, "kind": kind, "actor": "Ada", "from": was.get(kind)}
        for kind, at in moments
        if at is not None
    ]
