"""What goes wrong in the made-up organisation, how often, and what people say about it."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from app.domain.words import Severity


@dataclass(frozen=True)
class Rule:
    """One monitoring rule: how grave, how often beside the others, how long it lasts, in minutes."""

    title: str
    severity: Severity
    weight: int
    lasts: float  # median minutes
    description: str


RULES = (
    Rule("Error rate above 2 %", Severity.CRITICAL, 6, 42, "5xx answers over all answers, five minutes"),
    Rule("No successful probe", Severity.CRITICAL, 3, 25, "Three regions, none gets an answer"),
    Rule("Latency above 800 ms", Severity.ERROR, 9, 30, "99th percentile over five minutes"),
    Rule("Queue is growing", Severity.ERROR, 7, 38, "More goes in than comes out, for ten minutes"),
    Rule("Replica lag", Severity.WARNING, 8, 16, "The second region is more than 30 s behind"),
    Rule("Disk above 80 %", Severity.WARNING, 9, 170, "Full in about four days at this rate"),
    Rule("Restarted too often", Severity.WARNING, 6, 12, "Five times within the hour"),
    Rule("Certificate ends in 30 days", Severity.INFO, 2, 1900, "Renewal did not run"),
    Rule("Backup is late", Severity.INFO, 2, 400, "Last good one is 26 hours old"),
)
ACKNOWLEDGED_WITHIN = {
    Severity.CRITICAL: 2.2,
    Severity.ERROR: 3.4,
    Severity.WARNING: 22.0,
    Severity.INFO: 110.0,
}
PROMOTED = {Severity.CRITICAL: 0.34, Severity.ERROR: 0.12, Severity.WARNING: 0.02, Severity.INFO: 0.0}
NOTES = (
    "Started right after the 14:02 deploy. Rolling back.",
    "Same as last Tuesday: the nightly import holds the lock.",
    "One node only. Took it out of the pool.",
    "Traffic is normal, so it is us.",
    "Acquirer confirms trouble on their side, ticket open.",
    "Restarted the consumer, watching.",
    "Scaled up by two, latency is coming down.",
)
REASONS = (
    "Rolled back.",
    "Went away by itself; the threshold is too tight.",
    "Restarted.",
    "Cleared old files, raised the quota.",
    "Fixed by the vendor.",
)
MITIGATIONS = ("Failed over to the second region.", "Old version is serving again.", "Feature is switched off.")


def minutes(dice: Random, median: float, *, spread: float = 0.8) -> timedelta:
    """A duration around `median` minutes, with the long tail that durations have."""
    return timedelta(minutes=median * dice.lognormvariate(0, spread))


def pick(dice: Random) -> Rule:
    return dice.choices(RULES, [rule.weight for rule in RULES])[0]
