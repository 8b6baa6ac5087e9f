"""The agenda of a review, made from the timeline (S-60), and the calendar file that invites to it."""

from urllib.parse import urlsplit

from flask import current_app

from app.domain import postmortem as parts
from app.domain.retrospective import QUESTIONS
from app.learning import action_queries, evidence, queries, retrospective
from app.learning.models import Postmortem, ReviewMeeting
from app.people.models import User

PRODUCT = "-//Nightbell//Reviews//EN"


def agenda(postmortem: Postmortem) -> list[str]:
    """What to speak about, in order."""
    incident, told = postmortem.incident, queries.entries(postmortem)
    moments = (
        (incident.acknowledged_at, "acknowledged"), (incident.mitigated_at, "contained"),
        (incident.resolved_at, "resolved"),
    )  # fmt: skip
    steps = [f"{word} {evidence.after(incident.detected_at, at)} detection" for at, word in moments if at]
    span = f", {evidence.lasted(told[0].at, told[-1].at)} from the first to the last" if len(told) > 1 else ""
    lines = "1 entry" if len(told) == 1 else f"{len(told)} entries"
    written = {part: each.text for part, each in queries.texts(postmortem).items()}
    missing = [parts.TITLES[part] for part in parts.missing(written, {})]
    answered = retrospective.answers(postmortem)
    left = [words for question, words in QUESTIONS.items() if question not in answered]
    actions = [each for each in action_queries.of_incident(postmortem.id) if each.done_at is None]
    return [
        f"What happened: the chronology, {lines}{span}.",
        *([f"How it went: {', '.join(steps)}."] if steps else []),
        f"What caused it, and what contributed. Still to be written: {', '.join(missing) or 'nothing'}.",
        f"The six questions. Still open: {' '.join(left) or 'none'}",
        f"What changes: {len(actions)} {'action is' if len(actions) == 1 else 'actions are'} open.",
        "What we decide, and who tells whom.",
    ]  # fmt: skip


def invitation(postmortem: Postmortem, meeting: ReviewMeeting, to: User | None = None) -> str:
    """The file as text; to one person, or with all who are invited."""
    from icalendar import Calendar, Event, vCalAddress, vText  # read here: few invite

    settings = current_app.config["settings"]
    where, host = f"{settings.base_url}/postmortems/{postmortem.id}/meeting", _host(settings.base_url)
    is_off = meeting.cancelled_at is not None
    file, event = Calendar(), Event()
    file.add("prodid", PRODUCT)
    file.add("version", "2.0")
    file.add("method", "CANCEL" if is_off else "REQUEST")
    event.add("uid", f"review-{postmortem.id}@{host}")
    event.add("dtstamp", meeting.updated_at)
    event.add("sequence", meeting.sequence)
    event.add("dtstart", meeting.starts_at)
    event.add("dtend", meeting.ends_at)
    event.add("summary", f"Review of INC-{postmortem.id}: {postmortem.incident.title}")
    event.add("status", "CANCELLED" if is_off else "CONFIRMED")
    event.add("url", where)
    steps = [f"{number}. {line}" for number, line in enumerate(agenda(postmortem), 1)]
    event.add("description", "\n".join([*steps, where]))
    if meeting.place:
        event.add("location", meeting.place)
    organiser = vCalAddress(f"mailto:{settings.mail_from or f'nightbell@{host}'}")
    organiser.params["cn"] = vText("Nightbell")
    event["organizer"] = organiser
    for each in [to] if to is not None else [one.user for one in meeting.attendees]:
        attendee = vCalAddress(f"mailto:{each.email}")
        attendee.params["cn"] = vText(each.name)
        attendee.params["role"] = vText("REQ-PARTICIPANT")
        event.add("attendee", attendee, encode=False)
    file.add_component(event)
    return str(file.to_ical().decode())


def _host(base_url: str) -> str:
    return urlsplit(base_url).hostname or "nightbell"
