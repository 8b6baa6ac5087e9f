"""A generic integration's mapping: where in a stranger's document the parts of an alert are.

Paths are dotted, with list indexes: `attachments.0.title`. A list of paths composes `dedup_key`; for the other
fields the first path that leads to something is taken.
"""

import re
from dataclasses import dataclass, field

from app.alerts.sources.document import Json, words
from app.alerts.sources.problem import Problem
from app.domain import severity
from app.domain.words import Severity

Path = tuple[str, ...]

MOST_PATHS = 20
MOST_WORDS = 200
LONGEST = 255

_INDEX = re.compile(r"\[(\d{1,6})\]", re.ASCII)


class BadMapping(ValueError):
    """The mapping cannot be used; `problems` says where and why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(problem.detail for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Mapping:
    """Where the parts are, and what the source's words mean. Words are compared without regard to case."""

    title: tuple[Path, ...] = ()
    description: tuple[Path, ...] = ()
    severity: tuple[Path, ...] = ()
    status: tuple[Path, ...] = ()
    dedup_key: tuple[Path, ...] = ()
    started_at: tuple[Path, ...] = ()
    service: tuple[Path, ...] = ()
    link: tuple[Path, ...] = ()
    severity_map: dict[str, Severity] = field(default_factory=dict)
    resolved_when: frozenset[str] = frozenset()
    acknowledged_when: frozenset[str] = frozenset()
    ignore_when: frozenset[str] = frozenset()

    @classmethod
    def of(cls, document: Json) -> "Mapping":
        """The mapping as people and scripts write it. Raises `BadMapping` with every problem at once."""
        if not isinstance(document, dict):
            raise BadMapping((Problem("#", "the mapping must be an object"),))
        problems: list[Problem] = []
        for name in document:
            if name not in cls.__dataclass_fields__:
                problems.append(Problem(f"#/{_escape(name)}", "is not a field of a mapping"))
        mapping = cls(
            title=_paths("title", document.get("title"), problems),
            description=_paths("description", document.get("description"), problems),
            severity=_paths("severity", document.get("severity"), problems),
            status=_paths("status", document.get("status"), problems),
            dedup_key=_paths("dedup_key", document.get("dedup_key"), problems),
            started_at=_paths("started_at", document.get("started_at"), problems),
            service=_paths("service", document.get("service"), problems),
            link=_paths("link", document.get("link"), problems),
            severity_map=_severities(document.get("severity_map"), problems),
            resolved_when=_words("resolved_when", document.get("resolved_when"), problems),
            acknowledged_when=_words("acknowledged_when", document.get("acknowledged_when"), problems),
            ignore_when=_words("ignore_when", document.get("ignore_when"), problems),
        )
        if problems:
            raise BadMapping(tuple(problems))
        return mapping


# For an integration whose mapping nobody wrote yet: the names most tools use. No key is guessed from an `id`,
# which is as often the event's as the alert's, and a wrong guess would either merge alerts or never resolve
# one.
USUAL = Mapping(
    title=(("title",), ("summary",), ("subject",), ("message",), ("name",), ("text",)),
    description=(("description",), ("message",), ("body",), ("details",)),
    severity=(("severity",), ("priority",), ("level",)),
    status=(("status",), ("state",)),
    dedup_key=(("dedup_key",),),
    started_at=(("started_at",), ("startsAt",), ("timestamp",)),
    service=(("service",),),
    link=(("link",), ("url",)),
    resolved_when=frozenset({"resolved", "resolve", "recovery", "recovered", "ok", "up", "closed", "cleared"}),
    acknowledged_when=frozenset({"acknowledged", "acknowledge", "acknowledgement"}),
)


def folded(value: Json) -> str:
    """A value as it is compared with the words of a mapping."""
    return (words(value) or "").strip().casefold()


def find(path: Path, document: Json) -> Json:
    """What the path leads to; None when it leads nowhere.

    A name may hold dots itself (`labels.app.kubernetes.io/name`): what is left of the path is tried as one
    name.
    """
    here = document
    for depth, step in enumerate(path):
        if isinstance(here, dict):
            if (rest := ".".join(path[depth:])) in here:
                return here[rest]
            here = here.get(step)
        elif isinstance(here, list) and step.isascii() and step.isdigit() and int(step[:7]) < len(here):
            here = here[int(step)]
        else:
            return None
    return here


def _paths(name: str, value: Json, problems: list[Problem]) -> tuple[Path, ...]:
    if value is None:
        return ()
    given = value if isinstance(value, list) else [value]
    if len(given) > MOST_PATHS:
        problems.append(Problem(f"#/{name}", f"more than {MOST_PATHS} paths"))
        return ()
    found: list[Path] = []
    for path in given:
        if not isinstance(path, str) or not path.strip() or len(path) > LONGEST:
            problems.append(Problem(f"#/{name}", "must be a dotted path, or a list of them"))
            return ()
        found.append(tuple(_INDEX.sub(r".\1", path.strip()).removeprefix("$.").lstrip(".").split(".")))
    return tuple(found)


def _words(name: str, value: Json, problems: list[Problem]) -> frozenset[str]:
    if value is None:
        return frozenset()
    given = value if isinstance(value, list) else [value]
    if len(given) > MOST_WORDS or any(isinstance(word, list | dict) or word is None for word in given):
        problems.append(Problem(f"#/{name}", f"must be a list of at most {MOST_WORDS} single values"))
        return frozenset()
    return frozenset(map(folded, given))


def _severities(value: Json, problems: list[Problem]) -> dict[str, Severity]:
    if value is None:
        return {}
    if not isinstance(value, dict) or len(value) > MOST_WORDS:
        problems.append(Problem("#/severity_map", "must be an object from the source's words to severities"))
        return {}
    found: dict[str, Severity] = {}
    for word, meaning in value.items():
        level = severity.normalise(meaning) if isinstance(meaning, str) else None
        if level is None:
            allowed = ", ".join(Severity)
            problems.append(Problem(f"#/severity_map/{_escape(word)}", f"must be one of {allowed}"))
        else:
            found[word.strip().casefold()] = level
    return found


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")[:LONGEST]
