"""What the organisation is called, where its day begins, and who reads what."""

from datetime import datetime

from app.domain.invalid import Faults
from app.domain.text import prose
from app.domain.timeline import Kind, Subject
from app.people.models import Organisation, User
from app.people.users import zone_problem
from app.timeline.record import record

LONGEST_PLAN = 100_000


def change_organisation(
    organisation: Organisation, *, name: str, time_zone: str, is_reading_open: bool, by: User, at: datetime
) -> None:
    """Change what differs, each with its event. Raises InvalidField about `name` or `time_zone`."""
    faults = Faults()
    name = faults.name(name)
    if problem := zone_problem(time_zone):
        faults.add("/time_zone", problem)
    faults.stop_if_any()
    wanted = {"name": name, "time_zone": time_zone, "is_reading_open": is_reading_open}
    for field, value in wanted.items():
        before = getattr(organisation, field)
        if before != value:
            setattr(organisation, field, value)
            record(
                Kind.CHANGED, Subject.ORGANISATION, organisation.id, at=at, by=by,
                **{"field": field, "from": str(before), "to": str(value)},
            )  # fmt: skip


def change_response_plan(organisation: Organisation, text: str, *, by: User, at: datetime) -> None:
    """The organisation's own words in the response plan, as Markdown."""
    text = prose(text, limit=LONGEST_PLAN)
    if organisation.response_plan != text:
        organisation.response_plan = text
        record(
            Kind.CHANGED, Subject.ORGANISATION, organisation.id, at=at, by=by, field="response_plan",
            length=len(text),
        )  # fmt: skip
