"""What a page of Trends is asked about: the filters of its address, and whose teams it may speak of."""

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any


@dataclass(frozen=True)
class Asked:
    """`teams` are those whose rows may be read, by name; None: all. `zone` is the one the page speaks in."""

    page: str
    kind: str
    weeks: int
    zone: str
    team: str | None = None
    service: str | None = None
    severity: str | None = None
    urgency: str | None = None
    teams: tuple[str, ...] | None = None

    @property
    def key(self) -> str:
        """The same for the same question, whoever asks."""
        said = asdict(self)
        if self.urgency is None:  # it came later: pages that were kept before it keep their keys
            del said["urgency"]
        return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Asked":
        teams = data["teams"]
        return cls(**{**data, "teams": None if teams is None else tuple(teams)})
