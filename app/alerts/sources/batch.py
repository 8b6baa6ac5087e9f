"""What reading one request gives: the good reports, and what was wrong with the others."""

from dataclasses import dataclass

from app.alerts.sources.mapping import Mapping
from app.alerts.sources.problem import Problem
from app.domain.alert import IncomingAlert

# One mebibyte of the smallest believable alerts is about three thousand; more is not a group but a mistake.
MOST_ALERTS = 5_000


@dataclass(frozen=True, slots=True)
class IntegrationFacts:
    """What a parser may know of the integration: its name, for titles, and a generic integration's mapping."""

    name: str
    mapping: Mapping | None = None


@dataclass(frozen=True, slots=True)
class ParsedBatch:
    """The reports of one request in the order they were sent.

    A half good batch has both: the good reports are kept and the problems are told. `ignored` counts the
    members the mapping says to leave alone.
    """

    alerts: tuple[IncomingAlert, ...] = ()
    problems: tuple[Problem, ...] = ()
    ignored: int = 0

    @property
    def is_refused(self) -> bool:
        """Nothing in it was any good."""
        return bool(self.problems) and not self.alerts and not self.ignored


TOO_MANY = Problem("#", f"more than {MOST_ALERTS} alerts in one request; the rest was not read")
