"""Why somebody is on call, as facts and in words.

The facts travel with the answer, so that the calendar, the page and the review afterwards tell the same story.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from app.domain.words import ChangeKind
from app.domain.zone import spoken


class OnCallRole(StrEnum):
    """A primary is paged; a backup is paged when no primary is left."""

    PRIMARY = "primary"
    BACKUP = "backup"


class Why(StrEnum):
    """TURN and HOURS come from a layer, ADDED and COVER from an override; the others say why somebody is not
    the one: CUT by a newer override, REMOVED by one, AWAY on time off, INACTIVE because the account is switched
    off, ONLOOKER because they answer no alerts: a stakeholder, or a program.
    """

    TURN = "turn"
    HOURS = "hours"
    ADDED = "added"
    COVER = "cover"
    CUT = "cut"
    REMOVED = "removed"
    AWAY = "away"
    INACTIVE = "inactive"
    ONLOOKER = "onlooker"


class Reason(NamedTuple):
    """One link of the chain. `user_id` is whom it is about; `other_user_id` whom COVER relieves, or who cut a
    CUT one.

    `change` says what kind of exception COVER is: an override, a swap or a take-over. `temporary` names the
    temporary schedule whose layer gives a TURN or HOURS.
    `start` and `end` (UTC) say how long the fact holds: the turn, the open hours, the override, the time off.
    """

    kind: Why
    user_id: int
    start: datetime | None = None
    end: datetime | None = None
    layer: str | None = None
    rhythm: str | None = None
    role: OnCallRole | None = None
    override_id: int | None = None
    other_user_id: int | None = None
    change: ChangeKind | None = None
    temporary: str | None = None

    def words(
        self, *, schedule: str, zone: ZoneInfo, names: Mapping[int, str], one_of_many: bool = False
    ) -> str:
        """The fact as a sentence, times in `zone`. `one_of_many`: name the layer too, the schedule has
        several.
        """
        who, until = _name(self.user_id, names), f" until {spoken(self.end, zone)}" if self.end else ""
        other = _name(self.other_user_id, names) if self.other_user_id is not None else "nobody"
        where = f"{schedule}, temporary schedule {self.temporary}" if self.temporary else schedule
        where = f"{where}, {self.layer}" if one_of_many and self.layer else where
        match self.kind:
            case Why.TURN:
                turn = "turn as backup" if self.role is OnCallRole.BACKUP else "turn"
                return f"{where}: {self.rhythm}, {who}’s {turn}{until}"
            case Why.HOURS:
                return f"{where}: these hours are covered{until}"
            case Why.ADDED if self.change is ChangeKind.IMPORTED:
                return f"{schedule}: {who}’s hours in the imported calendar{until}"
            case Why.ADDED:
                return f"{schedule}: {who} is on call as well{until}"
            case Why.COVER if self.change is ChangeKind.TAKEOVER:
                return f"{schedule}: {who} took over from {other}{until}"
            case Why.COVER if self.change is ChangeKind.SWAP:
                return f"{schedule}: {who} covers for {other} by a swap{until}"
            case Why.COVER:
                return f"{schedule}: {who} covers for {other}{until}"
            case Why.CUT:
                return f"{schedule}: {who} would cover, but {other} took over later"
            case Why.REMOVED:
                return f"{schedule}: {who} is taken off call{until}"
            case Why.AWAY:
                return f"{who} is on time off{until}"
            case Why.INACTIVE:
                return f"{who}’s account is switched off"
            case Why.ONLOOKER:
                return f"{who} only looks on and answers no alerts"

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> "Reason":
        """What `to_json` wrote."""
        return cls(
            Why(facts["kind"]),
            int(facts["user_id"]),
            _moment(facts.get("start")),
            _moment(facts.get("end")),
            layer=facts.get("layer"),
            rhythm=facts.get("rhythm"),
            role=OnCallRole(facts["role"]) if facts.get("role") else None,
            override_id=_number(facts.get("override_id")),
            other_user_id=_number(facts.get("other_user_id")),
            change=ChangeKind(facts["change"]) if facts.get("change") else None,
            temporary=facts.get("temporary"),
        )

    def to_json(self) -> dict[str, Any]:
        """The facts for other programs: ids as strings, moments as ISO 8601 in UTC, what does not apply left
        out.
        """
        facts: dict[str, Any] = {"kind": str(self.kind), "user_id": str(self.user_id)}
        if self.start:
            facts["start"] = self.start.isoformat()
        if self.end:
            facts["end"] = self.end.isoformat()
        for name in ("layer", "rhythm", "role", "temporary"):
            if getattr(self, name) is not None:
                facts[name] = str(getattr(self, name))
        if self.change is not None:
            facts["change"] = str(self.change)
        for name in ("override_id", "other_user_id"):
            if getattr(self, name) is not None:
                facts[name] = str(getattr(self, name))
        return facts


def _name(user_id: int, names: Mapping[int, str]) -> str:
    return names.get(user_id, "somebody no longer here")


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


def _number(written: str | None) -> int | None:
    return int(written) if written else None
