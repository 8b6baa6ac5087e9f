"""What a good update says: seven fields that fill themselves, so that one takes twenty seconds (S-49…S-55)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta

from app.domain.words import Audience, IncidentSeverity, IncidentStatus

S = IncidentSeverity


@dataclass(frozen=True)
class Fields:
    """The seven, as they are sent: what, where, since when, how bad, how far, what was tried, who."""

    issue: str
    service: str
    since: str
    severity: str
    how_far: str
    steps: str
    who: str


NAMES = tuple(each.name for each in fields(Fields))
COMPUTED = frozenset({"since", "severity", "who"})  # shown grey, and correctable all the same


@dataclass(frozen=True)
class Template:
    """What holds for a severity until somebody says otherwise: who reads it, how often, and how it opens."""

    audience: Audience
    every: timedelta | None  # None: nobody is reminded
    opening: str


TEMPLATES: Mapping[IncidentSeverity, Template] = {
    S.SEV1: Template(Audience.ORGANISATION, timedelta(minutes=30), "Most people cannot use it"),
    S.SEV2: Template(Audience.STAKEHOLDERS, timedelta(minutes=60), "Many people notice"),
    S.SEV3: Template(Audience.STAKEHOLDERS, timedelta(hours=2), "Some people notice, there is a way round"),
    S.SEV4: Template(Audience.RESPONDERS, timedelta(hours=8), "Few people notice"),
    S.SEV5: Template(Audience.RESPONDERS, None, "Nobody outside notices"),
}
_HOW_FAR = {
    IncidentStatus.OPEN: "Detected, finding out why", IncidentStatus.IN_PROGRESS: "Containing",
    IncidentStatus.MITIGATED: "Mitigated, watching it", IncidentStatus.RESOLVED: "Resolved",
    IncidentStatus.CLOSED: "Closed",
}  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What the incident knows. `since` is in words with its zone; `tried` and `next` are sentences."""

    title: str
    impact: str
    services: Sequence[str]
    since: str
    severity: IncidentSeverity
    told_severity: IncidentSeverity | None  # what the last update said
    status: IncidentStatus
    round: int
    tried: Sequence[str]
    next: Sequence[str]
    commander: str | None
    others: Sequence[str]


def prefilled(facts: Facts) -> Fields:
    """An update that could be sent as it is."""
    impact = facts.impact or TEMPLATES[facts.severity].opening
    before = facts.told_severity
    change = "" if before is None else ", unchanged" if before is facts.severity else f", was {before.upper()}"
    in_round = f", round {facts.round}" if facts.round and facts.status is not IncidentStatus.RESOLVED else ""
    steps = [f"{each.rstrip('.')}." for each in facts.tried] + [
        f"Next: {each.rstrip('.')}." for each in facts.next
    ]
    leads = f"{facts.commander} leads" if facts.commander else "Nobody leads yet"
    with_others = f", with {', '.join(facts.others)}" if facts.others else ""
    return Fields(
        issue=f"{facts.title}. {impact.rstrip('.')}.",
        service=", ".join(facts.services) or "not known yet",
        since=facts.since,
        severity=f"{facts.severity.upper()}{change}",
        how_far=f"{_HOW_FAR[facts.status]}{in_round}",
        steps="\n".join(steps) or "Nothing tried yet.",
        who=f"{leads}{with_others}",
    )


def merged(mine: Fields, theirs: Fields) -> Fields:
    """Both texts in one: what was sent meanwhile, then every line of mine that it does not say already."""
    return replace(
        mine, **{name: _both(getattr(theirs, name), getattr(mine, name)) for name in ("issue", "steps")}
    )


def differ(mine: Fields, theirs: Fields) -> list[str]:
    """The names of the fields in which two updates say something else."""
    return [name for name, said in asdict(mine).items() if said.strip() != getattr(theirs, name).strip()]


def next_due(severity: IncidentSeverity, at: datetime) -> datetime | None:
    """By when the next word is promised, as the severity's template says; None promises nothing."""
    every = TEMPLATES[severity].every
    return None if every is None else at + every


def _both(theirs: str, mine: str) -> str:
    said = [line.strip() for line in theirs.splitlines() if line.strip()]
    return "\n".join(
        said + [line.strip() for line in mine.splitlines() if line.strip() and line.strip() not in said]
    )
