"""An escalation policy as a form: steps read from its fields and written back, buttons that change them.

The draft lives in the form alone: each press sends all of it, so that it works without a script, and nothing is
kept until somebody publishes. What the form does not show of a step comes along untouched.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from app.domain.flapping import USUAL_LIMIT
from app.domain.phrase import counted
from app.domain.words import Severity
from app.oncall.models import EscalationPolicy
from app.web.form import row_number
from app.web.schedule_form import WEEKDAYS

MOST = 50  # steps in one form
USUAL_REMINDERS = "3"
HOURS = (("", "At any hour"), ("within", "Only between"), ("outside", "Only outside"))

Fields = MultiDict[str, str]


@dataclass
class StepRow:
    """One step. `targets` as "user:3"; `further`: hours beyond the first, which come along."""

    wait: str = "5"
    targets: list[str] = field(default_factory=list)
    reminders: str = USUAL_REMINDERS
    every: str = ""
    robin: bool = False
    severities: list[str] = field(default_factory=list)
    hours: str = ""  # one of HOURS
    days: list[str] = field(default_factory=lambda: [key for key, _ in WEEKDAYS[:5]])
    start: str = "09:00"
    end: str = "17:00"
    zone: str = ""
    further: list[Any] = field(default_factory=list)

    @property
    def more(self) -> str:
        """What it says besides whom it asks and how long it waits: "No reminders, only critical"."""
        said = []
        if self.reminders != USUAL_REMINDERS or self.every:
            said.append(
                "no reminders" if self.reminders == "0" else counted_or_text(self.reminders, "reminder")
            )
        if self.every and self.reminders != "0":
            said[-1] += f" every {self.every} min"
        if self.robin:
            said.append("in turns")
        if self.severities:
            said.append(f"only {' and '.join(self.severities)}")
        if self.hours:
            said.append(
                f"only {'outside ' if self.hours == 'outside' else ''}{self.start}–{self.end} {self.zone}"
            )
        words = ", ".join(said)
        return words[:1].upper() + words[1:]

    def to_json(self) -> dict[str, Any]:
        """As the parser of steps takes it; what is no number is left for it to refuse."""
        said: dict[str, Any] = {
            "wait_minutes": number(self.wait),
            "targets": [
                {"kind": kind, "id": id_} for kind, _, id_ in (each.partition(":") for each in self.targets)
            ],
            "reminders": number(self.reminders),
            "round_robin": self.robin,
        }
        if self.every:
            said["remind_every_minutes"] = number(self.every)
        when: dict[str, Any] = {"severities": self.severities} if self.severities else {}
        if self.hours:
            first = {"weekdays": self.days, "start": self.start, "end": self.end}
            when |= {"hours": [first, *self.further], "time_zone": self.zone}
            when |= {"outside": True} if self.hours == "outside" else {}
        return said | ({"when": when} if when else {})


@dataclass
class Draft:
    name: str
    steps: list[StepRow]
    repeat: str = "0"
    last_resort: str = ""
    answers: str = "1"
    ask_again: str = ""
    flap_limit: str = str(USUAL_LIMIT)

    def steps_json(self) -> list[dict[str, Any]]:
        return [step.to_json() for step in self.steps]

    def columns(self) -> dict[str, Any]:
        """What the verbs take, besides the name and the steps."""
        return {
            "repeat": number(self.repeat) or 0,
            "answers": number(self.answers),
            "ask_again_minutes": number(self.ask_again),
            "flap_limit": number(self.flap_limit),
            "last_resort_user_id": row_number(self.last_resort) if self.last_resort else None,
        }


def of_policy(policy: EscalationPolicy, zone: str) -> Draft:
    """The draft that shows a policy as it is. `zone` is what new hours begin with."""
    last = policy.last_resort_user_id
    return Draft(
        policy.name, [_step(step, zone) for step in policy.steps], str(policy.repeat),
        "" if last is None else str(last), str(policy.answers),
        "" if policy.ask_again_minutes is None else str(policy.ask_again_minutes),
        "" if policy.flap_limit is None else str(policy.flap_limit),
    )  # fmt: skip


def read(fields: Fields, zone: str) -> Draft:
    """The draft that a form sends."""
    count = number(fields.get("steps"))
    count = max(0, min(count, MOST)) if isinstance(count, int) else 0
    return Draft(
        fields.get("name", "").strip(), [_read_step(fields, f"step-{place}", zone) for place in range(count)],
        fields.get("repeat", "0"), fields.get("last_resort_user_id", ""), fields.get("answers", "1"),
        fields.get("ask_again_minutes", ""), fields.get("flap_limit", ""),
    )  # fmt: skip


def press(draft: Draft, button: str, *, zone: str) -> None:
    """Do what a button says: `add-step`, `remove-step-0`, `up-1`. What it does not know it ignores."""
    name, _, last = button.rpartition("-")
    if button == "add-step" and len(draft.steps) < MOST:
        draft.steps.append(StepRow(zone=zone))
        return
    place = number(last)
    if not isinstance(place, int) or not 0 <= place < len(draft.steps):
        return
    if name == "remove-step":
        del draft.steps[place]
    elif name == "up" and place > 0:
        draft.steps[place - 1 : place + 1] = reversed(draft.steps[place - 1 : place + 1])


def field_of(pointer: str) -> str:
    """The field of the form that a JSON pointer is about: /steps/0/wait_minutes is step-0-wait."""
    parts = pointer.strip("/").split("/")
    if parts[0] == "steps" and len(parts) > 1:
        named = {
            "wait_minutes": "wait", "targets": "target", "remind_every_minutes": "every", "when": "hours",
            "round_robin": "reminders",
        }  # fmt: skip
        return f"step-{parts[1]}-{named.get(parts[2], parts[2]) if len(parts) > 2 else 'target'}"
    named = {"acknowledgements": "answers", "acknowledge_timeout_minutes": "ask_again_minutes"}
    return named.get(parts[0], parts[0])


def number(text: str | None) -> Any:
    """The number, or the text itself where it is none, so that its problem can be told; None for nothing."""
    for kind in (int, float):
        try:
            return kind(str(text).strip())
        except (ValueError, OverflowError):
            continue
    return text or None


def counted_or_text(typed: str, noun: str) -> str:
    """ "2 reminders", or what was typed where it is no number."""
    return counted(int(typed), noun) if typed.isascii() and typed.isdigit() and len(typed) < 4 else typed


def _step(step: Mapping[str, Any], zone: str) -> StepRow:
    when = step.get("when") or {}
    hours: Sequence[Any] = when.get("hours") or []
    row = StepRow(
        f"{step.get('wait_minutes', 5):g}",
        [f"{target['kind']}:{target['id']}" for target in step["targets"]],
        str(step.get("reminders", USUAL_REMINDERS)),
        f"{step['remind_every_minutes']:g}" if step.get("remind_every_minutes") else "",
        bool(step.get("round_robin")),
        list(when.get("severities") or []),
        zone=when.get("time_zone") or zone,
    )
    if hours:
        row.hours = "outside" if when.get("outside") else "within"
        row.days, row.start, row.end = list(hours[0]["weekdays"]), hours[0]["start"], hours[0]["end"]
        row.further = list(hours[1:])
    return row


def _read_step(fields: Fields, prefix: str, zone: str) -> StepRow:
    severities = [each for each in fields.getlist(f"{prefix}-severity") if each in list(Severity)]
    return StepRow(
        fields.get(f"{prefix}-wait", ""),
        list(dict.fromkeys(each for each in fields.getlist(f"{prefix}-target") if each)),
        fields.get(f"{prefix}-reminders", ""),
        fields.get(f"{prefix}-every", "").strip(),
        bool(fields.get(f"{prefix}-robin")),
        [] if len(severities) == len(Severity) else severities,
        hours if (hours := fields.get(f"{prefix}-hours", "")) in dict(HOURS) else "",
        fields.getlist(f"{prefix}-day"),
        fields.get(f"{prefix}-from", ""),
        fields.get(f"{prefix}-to", ""),
        fields.get(f"{prefix}-zone", "").strip() or zone,
        _list(fields.get(f"{prefix}-further")),
    )


def _list(text: str | None) -> list[Any]:
    try:
        found = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []
    return found if isinstance(found, list) else []
