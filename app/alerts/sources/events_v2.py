"""PagerDuty Events API v2, the language most monitoring tools already speak."""

from dataclasses import dataclass
from datetime import datetime

from app.alerts.sources.batch import IntegrationFacts, ParsedBatch
from app.alerts.sources.document import Json, brief, elements, members, pairs, word, words
from app.alerts.sources.problem import Problem
from app.domain import moment, text
from app.domain.alert import IncomingAlert, Link, Said
from app.domain.link import distinct, web_link
from app.domain.words import Severity

ROUTING_KEY_LENGTH = 32

_ACTIONS = {"trigger": Said.FIRING, "acknowledge": Said.ACKNOWLEDGED, "resolve": Said.RESOLVED}
_LABELS = ("source", "component", "group", "class")


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """Something was changed on purpose, such as a deployment. It is shown beside alerts and pages nobody."""

    summary: str
    changed_at: datetime | None
    source: str | None
    links: tuple[Link, ...]
    details: dict[str, str]


def routing_key(document: Json) -> str | None:
    """The key that names the integration; None when it is missing or of the wrong length."""
    key = members(document).get("routing_key")
    return key if isinstance(key, str) and len(key) == ROUTING_KEY_LENGTH else None


def parse(document: Json, facts: IntegrationFacts) -> ParsedBatch:
    """The one alert of an event, or every problem with it at once.

    A trigger without `dedup_key` gives an alert whose key is None: who answers makes one and tells the sender.
    The payload that may come with an acknowledge or a resolve is not read.
    """
    event = members(document)
    problems: list[Problem] = []
    action = event.get("event_action")
    status = _ACTIONS.get(action) if isinstance(action, str) else None
    if status is None:
        problems.append(Problem("#/event_action", "'event_action' must be trigger, acknowledge or resolve"))
    key = _key(event.get("dedup_key"), status, problems)
    if status is not Said.FIRING:
        return ParsedBatch((), tuple(problems)) if problems else ParsedBatch((_echo(key, status),))
    payload = _payload(event, problems)
    summary = _required(payload, "summary", problems)
    source = _required(payload, "source", problems)
    severity = _severity(payload.get("severity"), problems)
    if problems:
        return ParsedBatch((), tuple(problems))
    details = payload.get("custom_details")
    return ParsedBatch(
        (
            IncomingAlert(
                dedup_key=key,
                title=text.title(summary, source, otherwise=f"Alert from {facts.name}"),
                status=Said.FIRING,
                severity=severity,
                started_at=moment.parse(payload.get("timestamp")),
                description=_description(details),
                links=_links(event),
                labels=pairs({name: payload.get(name) for name in _LABELS}),
                annotations=pairs(details),
            ),
        )
    )


def parse_change(document: Json) -> ChangeEvent | tuple[Problem, ...]:
    """A change event, or every problem with it. Only its summary is required."""
    event = members(document)
    problems: list[Problem] = []
    payload = _payload(event, problems)
    summary = _required(payload, "summary", problems)
    if problems:
        return tuple(problems)
    return ChangeEvent(
        summary=text.title(summary, otherwise="Change"),
        changed_at=moment.parse(payload.get("timestamp")),
        source=brief(payload.get("source")),
        links=_links(event),
        details=pairs(payload.get("custom_details")),
    )


def _echo(key: str | None, status: Said | None) -> IncomingAlert:
    return IncomingAlert(dedup_key=key, title="", status=status or Said.FIRING)


def _key(given: Json, status: Said | None, problems: list[Problem]) -> str | None:
    if isinstance(given, bool | list | dict):
        problems.append(Problem("#/dedup_key", "'dedup_key' must be a string"))
        return None
    key = word(given)
    if key is None:
        if status in (Said.ACKNOWLEDGED, Said.RESOLVED):
            problems.append(Problem("#/dedup_key", f"'dedup_key' is required to {_verb(status)}"))
        return None
    if len(key) > text.KEY_LIMIT:
        problems.append(Problem("#/dedup_key", f"'dedup_key' must be at most {text.KEY_LIMIT} characters"))
        return None
    return text.key(key)


def _verb(status: Said | None) -> str:
    return "acknowledge" if status is Said.ACKNOWLEDGED else "resolve"


def _payload(event: dict[str, Json], problems: list[Problem]) -> dict[str, Json]:
    payload = event.get("payload")
    if not isinstance(payload, dict):
        problems.append(Problem("#/payload", "'payload' is missing or not an object"))
        return {}
    return payload


def _required(payload: dict[str, Json], name: str, problems: list[Problem]) -> str | None:
    value = payload.get(name)
    if isinstance(value, str) and text.one_line(value):
        return value
    problems.append(Problem(f"#/payload/{name}", f"'payload.{name}' is missing or blank"))
    return None


def _severity(given: Json, problems: list[Problem]) -> Severity | None:
    # Lower case only, as the original has it: a sender that gets this wrong should hear it on the first try.
    if isinstance(given, str) and given in set(Severity):
        return Severity(given)
    allowed = ", ".join(Severity)
    problems.append(Problem("#/payload/severity", f"'payload.severity' must be one of {allowed}"))
    return None


def _description(details: Json) -> str:
    if isinstance(details, dict):
        return ""
    return text.prose(words(details) or "")


def _links(event: dict[str, Json]) -> tuple[Link, ...]:
    given = [members(link) for link in elements(event.get("links"))]
    images = [members(image) for image in elements(event.get("images"))]
    return distinct(
        [
            *(web_link(word(link.get("href")), word(link.get("text"))) for link in given),
            web_link(word(event.get("client_url")), word(event.get("client"))),
            *(web_link(word(image.get("href")), word(image.get("alt"))) for image in images),
            *(web_link(word(image.get("src")), word(image.get("alt")) or "Image") for image in images),
        ]
    )
