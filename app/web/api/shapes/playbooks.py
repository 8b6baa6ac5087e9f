"""Playbooks, and what was ticked of them in an incident."""

from typing import Annotated

from pydantic import Field, StringConstraints

from app.domain.words import IncidentSeverity
from app.web.api.shapes.common import Draft, Id, Moment, Name, Named, Shape, any_of


class PlaybookDraft(Draft):
    """`body` is Markdown; lines `- [ ] …` are ticked in incidents of these severities, services, rules."""

    name: Name
    body: Annotated[str, StringConstraints(min_length=1, max_length=100_000)]
    severities: Annotated[list[IncidentSeverity], Field(max_length=5)] = any_of()
    service_ids: Annotated[list[Id], Field(max_length=200)] = any_of()
    rule_ids: Annotated[list[Id], Field(max_length=200)] = any_of()


class Playbook(Shape):
    id: str
    name: str
    body: str
    severities: list[IncidentSeverity]
    services: list[Named]
    rules: list[Named]
    created_at: Moment
    updated_at: Moment


class Step(Shape):
    item: str
    text: str
    ticked_by: Named | None
    ticked_at: Moment | None


class IncidentPlaybook(Shape):
    id: str
    name: str
    body: str
    steps: list[Step]


class IncidentPlaybooks(Shape):
    items: list[IncidentPlaybook]


class Tick(Draft):
    item: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    is_ticked: bool = True
