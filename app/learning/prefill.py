"""What an incident knows already, as the first words of its postmortem: facts only, nobody is judged."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.domain.words import FixKind, OptionState, Outcome, PostmortemPart
from app.domain.zone import UnknownZone, named, spoken
from app.incidents import decide, tasks
from app.incidents.models import FixOption, Incident
from app.people.queries import organisation

P = PostmortemPart


def texts(incident: Incident) -> dict[PostmortemPart, str]:
    """Markdown by part; a part of which nothing is known is empty."""
    zone, options = _zone(incident), decide.options(incident)
    return {
        P.HAPPENED: _happened(incident, zone, options),
        P.AFFECTED: _affected(incident),
        P.FACTORS: _list(f"Seen: {each.text}" for each in decide.symptoms(incident)),
        P.PREVENTION: _list(
            [
                *(f"Proposed for good, not done yet: {o.what}" for o in options if _waits(o)),
                *(f"Still open: {task.text}" for task in tasks.open_tasks(incident)),
            ]
        ),
    }


def _happened(incident: Incident, zone: ZoneInfo, options: list[FixOption]) -> str:
    began = incident.impact_started_at
    found = []
    if began is not None and began < incident.detected_at:
        found.append(f"It began on {spoken(began, zone)}")
        found.append(f"was detected {_after(began, incident.detected_at)} later")
    else:
        found.append(f"It was detected on {spoken(incident.detected_at, zone)}")
    for at, word in ((incident.mitigated_at, "contained"), (incident.resolved_at, "resolved")):
        if at is not None:
            found.append(f"{word} {_after(incident.detected_at, at)} after that")
    sentence = f"{', '.join(found[:-1])} and {found[-1]}." if len(found) > 1 else f"{found[0]}."
    worked = [
        o for o in options if o.state is OptionState.DONE and o.outcome in (Outcome.WORKED, Outcome.HELPED)
    ]
    lines = [f"{incident.title}. {sentence}", incident.resolution or "", _list(map(_tried, worked))]
    return "\n\n".join(filter(None, lines))


def _affected(incident: Incident) -> str:
    services = ", ".join(service.name for service in incident.services)
    began = incident.impact_started_at or incident.detected_at
    lasted = f"for {_after(began, incident.resolved_at)}" if incident.resolved_at is not None else ""
    where = f"{services} {lasted}.".replace("  ", " ") if services else ""
    return "\n\n".join(filter(None, (incident.impact, where.strip())))


def _tried(option: FixOption) -> str:
    return f"Helped: {option.what}" + (f" ({option.result})" if option.result else "")


def _waits(option: FixOption) -> bool:
    return option.kind is FixKind.PERMANENT and option.state in (OptionState.PROPOSED, OptionState.APPROVED)


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _after(start: datetime, end: datetime) -> str:
    minutes = max(0, int((end - start) / timedelta(minutes=1)))
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def _zone(incident: Incident) -> ZoneInfo:
    """The commander's, who owns it, else the organisation's."""
    found = organisation()
    name = incident.commander.time_zone if incident.commander is not None else found and found.time_zone
    try:
        return named(name or "UTC")
    except UnknownZone:
        return named("UTC")
