"""Any JSON or form at all, read by the integration's mapping."""

from app.alerts.sources.batch import MOST_ALERTS, TOO_MANY, IntegrationFacts, ParsedBatch
from app.alerts.sources.document import Json, brief, pairs, word, words
from app.alerts.sources.mapping import USUAL, Mapping, Path, find, folded
from app.alerts.sources.problem import Problem
from app.domain import moment, severity, text
from app.domain.alert import IncomingAlert, Said
from app.domain.link import distinct, web_link
from app.domain.words import Severity


def parse(document: Json, facts: IntegrationFacts) -> ParsedBatch:
    """The alert of an object, or the alerts of a list of objects."""
    mapping = facts.mapping or USUAL
    is_batch = isinstance(document, list)
    good: list[IncomingAlert] = []
    bad: list[Problem] = []
    ignored = 0
    for index, element in enumerate(document[:MOST_ALERTS] if isinstance(document, list) else [document]):
        pointer = f"#/{index}" if is_batch else "#"
        if not isinstance(element, dict):
            bad.append(Problem(pointer, "must be an object"))
            continue
        status = _status(element, mapping)
        if status is None:
            ignored += 1
            continue
        alert = _alert(element, status, mapping, facts)
        if alert.dedup_key is None and status is not Said.FIRING:
            bad.append(
                Problem(pointer, "is over or acknowledged, but the mapping finds no key to say which alert")
            )
        else:
            good.append(alert)
    if isinstance(document, list) and len(document) > MOST_ALERTS:
        bad.append(TOO_MANY)
    return ParsedBatch(tuple(good), tuple(bad), ignored)


def _alert(element: dict[str, Json], status: Said, mapping: Mapping, facts: IntegrationFacts) -> IncomingAlert:
    description = _first_word(mapping.description, element)
    service = brief(_first(mapping.service, element))
    annotations = pairs({name: value for name, value in element.items() if not isinstance(value, list | dict)})
    for path in (*mapping.title, *mapping.description):
        annotations.pop(path[0], None)
    return IncomingAlert(
        dedup_key=_key(element, mapping),
        title=text.title(
            *(word(find(path, element)) for path in mapping.title),
            text.first_line(description or ""),
            otherwise=f"Alert from {facts.name}",
        ),
        status=status,
        severity=_severity(element, mapping),
        started_at=moment.parse(_first(mapping.started_at, element)),
        description=text.prose(description or ""),
        links=distinct(web_link(word(find(path, element)), "Source") for path in mapping.link),
        service=service,
        labels={"service": service} if service else {},
        annotations=annotations,
    )


def _first(paths: tuple[Path, ...], element: Json) -> Json:
    """What the first path that leads to something leads to; None when none does."""
    for path in paths:
        value = find(path, element)
        if value is not None and not (isinstance(value, str) and not value.strip()):
            return value
    return None


def _first_word(paths: tuple[Path, ...], element: Json) -> str | None:
    return words(_first(paths, element))


def _status(element: dict[str, Json], mapping: Mapping) -> Said | None:
    """What the element reports; None when it is to be ignored. A word the mapping does not list is firing."""
    said = folded(_first(mapping.status, element))
    if said in mapping.ignore_when:
        return None
    if said in mapping.resolved_when:
        return Said.RESOLVED
    if said in mapping.acknowledged_when:
        return Said.ACKNOWLEDGED
    return Said.FIRING


def _severity(element: dict[str, Json], mapping: Mapping) -> Severity | None:
    said = _first_word(mapping.severity, element)
    if said is None:
        return None
    return mapping.severity_map.get(said.strip().casefold()) or severity.normalise(said)


def _key(element: dict[str, Json], mapping: Mapping) -> str | None:
    """The key of one path as it is; of several, their values joined by `|`. None when no path leads on."""
    parts = [words(find(path, element)) for path in mapping.dedup_key]
    if not any(part is not None and part.strip() for part in parts):
        return None
    if len(parts) == 1:
        return text.key(parts[0] or "")
    # Escaped, so that ("a|b", "c") and ("a", "b|c") stay two keys.
    return text.key("|".join((part or "").replace("\\", "\\\\").replace("|", "\\|") for part in parts))
