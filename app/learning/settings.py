"""For which severities a postmortem opens by itself, and what its parts begin with."""

from collections.abc import Collection, Mapping
from datetime import datetime

from app.domain.invalid import InvalidField
from app.domain.text import prose
from app.domain.timeline import Kind, Subject
from app.domain.words import IncidentSeverity, PostmortemPart
from app.people.models import Organisation, User
from app.timeline.record import record

LONGEST = 10_000  # characters of what a part begins with


def change(
    organisation: Organisation, *, severities: Collection[IncidentSeverity],
    template: Mapping[PostmortemPart, str], is_feedback_anonymous: bool = False, by: User, at: datetime,
) -> None:  # fmt: skip
    """Holds for postmortems that open from now on. Raises InvalidField about a part that begins too long."""
    long = [part for part, text in template.items() if len(text) > LONGEST]
    if long:
        raise InvalidField([(f"/{part}", "That is longer than 10,000 characters.") for part in long])
    wanted: dict[str, object] = {
        "is_feedback_anonymous": is_feedback_anonymous,
        "postmortem_severities": sorted(str(each) for each in severities),
        "postmortem_template": {str(part): said for part, text in template.items() if (said := prose(text))},
    }
    for field, value in wanted.items():
        if getattr(organisation, field) != value:
            setattr(organisation, field, value)
            record(Kind.CHANGED, Subject.ORGANISATION, organisation.id, at=at, by=by, field=field)
