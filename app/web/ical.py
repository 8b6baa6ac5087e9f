"""A feed as a calendar file (RFC 5545) or JSON: times in UTC, and a stamp that changes only with the shift."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import current_app

from app.oncall.models import FeedEvent

PRODUCT = "-//Nightbell//On-call//EN"
EVERY = timedelta(hours=1)


def address(token: str) -> str:
    """Where a calendar program reads the feed of this secret."""
    return f"{current_app.config['settings'].base_url}/calendar/{token}.ics"


def calendar(name: str, events: Sequence[FeedEvent], *, schedules: Mapping[int, str], people: Mapping[int, str],
             host: str, own_id: int | None) -> bytes:  # fmt: skip
    """The file. `own_id` is whose shifts these are, when they are one person's: then the title is short."""
    from icalendar import Calendar, Event  # read here: most processes never write a calendar

    file = Calendar()
    file.add("prodid", PRODUCT)
    file.add("version", "2.0")
    file.add("method", "PUBLISH")
    file.add("x-wr-calname", name)
    file.add("refresh-interval", EVERY, parameters={"value": "DURATION"})
    file.add("x-published-ttl", "PT1H")
    for row in events:
        event = Event()
        event.add("uid", f"{row.key}@{host}")
        event.add("dtstamp", row.modified_at)
        event.add("last-modified", row.modified_at)
        event.add("sequence", row.sequence)
        event.add("dtstart", row.start)
        event.add("dtend", row.end)
        event.add("summary", summary(row, schedules=schedules, people=people, own_id=own_id))
        event.add("status", "CONFIRMED" if row.cancelled_at is None else "CANCELLED")
        event.add("transp", "TRANSPARENT")
        file.add_component(event)
    return bytes(file.to_ical())


def summary(
    row: FeedEvent, *, schedules: Mapping[int, str], people: Mapping[int, str], own_id: int | None
) -> str:
    """ "Payments primary: Ada", "Payments primary, backup" for one's own, and who else is there."""
    where = schedules.get(row.schedule_id, "A schedule that is no more")
    if own_id is not None:
        return where if own_id in row.people["primaries"] else f"{where}, backup"
    primaries, backups = (
        " and ".join(people.get(user, "somebody no longer here") for user in row.people[role])
        for role in ("primaries", "backups")
    )
    return f"{where}: {primaries}" + (f" (backup {backups})" if backups else "")


def as_json(events: Sequence[FeedEvent], *, schedules: Mapping[int, str], people: Mapping[int, str]) -> Any:
    """The same for programs, no cancelled ones: `items[{start, end, schedule, users[{id, name, role}]}]`."""
    return {
        "items": [
            {
                "start": row.start.isoformat().replace("+00:00", "Z"),
                "end": row.end.isoformat().replace("+00:00", "Z"),
                "schedule": {"id": str(row.schedule_id), "name": schedules.get(row.schedule_id)},
                "users": [
                    {"id": str(user), "name": people.get(user), "role": role}
                    for role, kind in (("primary", "primaries"), ("backup", "backups"))
                    for user in row.people[kind]
                ],
            }
            for row in events
            if row.cancelled_at is None
        ]
    }
