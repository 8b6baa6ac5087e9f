"""Response rules: what an alert must be, and what then happens by itself (S-26, L-RUL-01 to L-RUL-05).

A rule runs once per alert, in order; one may stop those after it. Rules act on alerts, never on incidents.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.domain.invalid import Faults
from app.domain.words import Severity

MOST = 20  # conditions of a rule, and values of a condition


class Field(StrEnum):
    SEVERITY = "severity"
    SERVICE = "service"
    LABEL = "label"


class Act(StrEnum):
    """PROMOTE makes the alert an incident; ASSIGN_TEAM gives the alert to a team, or lets it support the
    incident that there is; NOTIFY tells a team.

    OPEN_ROOM opens the incident's war room (L-WRK-07).
    """

    PROMOTE = "promote"
    ASSIGN_TEAM = "assign_team"
    NOTIFY = "notify"
    OPEN_ROOM = "open_room"

    @property
    def names_a_team(self) -> bool:
        return self in (Act.ASSIGN_TEAM, Act.NOTIFY)


@dataclass(frozen=True)
class Condition:
    """The field is one of these words; of a label, `name` says which."""

    field: Field
    among: tuple[str, ...]
    name: str = ""

    def holds(self, facts: "AlertFacts") -> bool:
        match self.field:
            case Field.SEVERITY:
                return facts.severity in self.among
            case Field.SERVICE:
                return str(facts.service_id) in self.among
            case Field.LABEL:
                return facts.labels.get(self.name) in self.among


@dataclass(frozen=True)
class Action:
    act: Act
    team_id: int | None = None


@dataclass(frozen=True)
class Rule:
    """`needs_all`: every condition must hold, else any. Without a condition it holds for every alert."""

    id: int
    name: str
    conditions: tuple[Condition, ...]
    needs_all: bool
    actions: tuple[Action, ...]
    stops: bool
    after_alert_id: int  # alerts up to this one were there before the rule

    def holds(self, facts: "AlertFacts") -> bool:
        if facts.id <= self.after_alert_id:
            return False
        found = [condition.holds(facts) for condition in self.conditions]
        return all(found) if self.needs_all or not found else any(found)


@dataclass(frozen=True)
class AlertFacts:
    id: int
    severity: Severity
    service_id: int
    labels: Mapping[str, str]


def plan(rules: Iterable[Rule], facts: AlertFacts) -> list[tuple[Rule, Action]]:
    """What happens to an alert and by which rule: in the rules' order, until one that holds stops the rest."""
    steps: list[tuple[Rule, Action]] = []
    for rule in rules:
        if rule.holds(facts):
            steps += [(rule, action) for action in rule.actions]
            if rule.stops:
                break
    return steps


def parse_conditions(value: object) -> tuple[Condition, ...]:
    """Conditions as JSON carries them. Raises InvalidField, naming everything that is wrong."""
    faults = Faults()
    found = []
    for at, each in enumerate(faults.sequence(value, "/conditions", at_most=MOST)):
        here = f"/conditions/{at}"
        said = faults.mapping(each, here, ("field", "name", "among")) or {}
        if said.get("field") not in list(Field):
            faults.add(f"{here}/field", f"must be one of {', '.join(Field)}")
            continue
        field = Field(str(said["field"]))
        among = tuple(
            str(word) for word in faults.sequence(said.get("among"), f"{here}/among", at_most=MOST, at_least=1)
        )
        if field is Field.SEVERITY and not set(among) <= set(Severity):
            faults.add(f"{here}/among", f"must be among {', '.join(Severity)}")
        name = str(said.get("name") or "")
        if field is Field.LABEL and not name:
            faults.add(f"{here}/name", "must name the label")
        found.append(Condition(field, among, name))
    faults.stop_if_any()
    return tuple(found)


def parse_actions(value: object) -> tuple[Action, ...]:
    """Actions as JSON carries them, one at least. Raises InvalidField."""
    faults = Faults()
    found = []
    for at, each in enumerate(faults.sequence(value, "/actions", at_most=len(Act), at_least=1)):
        here = f"/actions/{at}"
        said = faults.mapping(each, here, ("act", "team_id")) or {}
        if said.get("act") not in list(Act):
            faults.add(f"{here}/act", f"must be one of {', '.join(Act)}")
            continue
        act = Act(str(said["act"]))
        team = faults.id(said.get("team_id"), f"{here}/team_id") if act.names_a_team else None
        found.append(Action(act, team))
    faults.stop_if_any()
    return tuple(
        sorted(found, key=lambda action: list(Act).index(action.act))
    )  # promoted first: others act on it


def to_json(parts: Sequence[Condition | Action]) -> list[dict[str, Any]]:
    """Back to what `parse_conditions` and `parse_actions` read."""
    return [
        {"field": str(each.field), "name": each.name, "among": list(each.among)}
        if isinstance(each, Condition)
        else {"act": str(each.act)} | ({} if each.team_id is None else {"team_id": str(each.team_id)})
        for each in parts
    ]
