"""/api/v1/playbooks, and what of them is ticked below /api/v1/incidents/{id}."""

from typing import Any

import sqlalchemy as sa

from app import clock
from app.alerts.models import Service
from app.database import db, transaction
from app.domain import playbook as rules
from app.domain.words import IncidentSeverity
from app.incidents import playbooks as verbs
from app.incidents.models import Incident, Playbook, PlaybookTick, ResponseRule
from app.people.rights import Act
from app.web.api.auth import me, need
from app.web.api.find import found, named
from app.web.api.incidents import changing, incidents, the_incident
from app.web.api.listing import each, identity, listing
from app.web.api.noun import noun
from app.web.api.problems import not_found
from app.web.api.shapes import playbooks as shapes
from app.web.api.shapes.common import Listing, ListQuery, Named

playbooks = noun("playbooks", "Checklists that incidents offer by severity, service and response rule.")


@playbooks.get("")
@playbooks.input(ListQuery, location="query", arg_name="query")
@playbooks.output(Listing[shapes.Playbook])
def list_playbooks(query: ListQuery) -> Listing[shapes.Playbook]:
    """List playbooks, the oldest first."""
    need(Act.SEE_OPERATIONS)
    return listing(sa.select(Playbook), query, each(_shown), by=[Playbook.id])


@playbooks.get("/<id>")
@playbooks.output(shapes.Playbook)
def show_playbook(id: str) -> shapes.Playbook:
    """Show a playbook."""
    need(Act.SEE_OPERATIONS)
    return _shown(found(Playbook, id, "playbook"))


@playbooks.post("")
@playbooks.input(shapes.PlaybookDraft, arg_name="draft")
@playbooks.output(shapes.Playbook, 201)
def create_playbook(draft: shapes.PlaybookDraft) -> shapes.Playbook:
    """Write a playbook. Incidents it is for offer it from now on."""
    with transaction():
        need(Act.EDIT_SERVICES)
        return _shown(verbs.create(**_read(draft), by=me(), at=clock.now()))


@playbooks.put("/<id>")
@playbooks.input(shapes.PlaybookDraft, arg_name="draft")
@playbooks.output(shapes.Playbook)
def replace_playbook(id: str, draft: shapes.PlaybookDraft) -> shapes.Playbook:
    """Write it anew. What was ticked stays ticked where the line says the same."""
    with transaction():
        need(Act.EDIT_SERVICES)
        playbook = found(Playbook, id, "playbook")
        verbs.change(playbook, **_read(draft), by=me(), at=clock.now())
        return _shown(playbook)


@playbooks.delete("/<id>")
@playbooks.output({}, 204)
def delete_playbook(id: str) -> tuple[str, int]:
    """Remove a playbook. That lines of it were ticked stays in the timelines."""
    with transaction():
        need(Act.EDIT_SERVICES)
        verbs.remove(found(Playbook, id, "playbook"), by=me(), at=clock.now())
        return "", 204


@incidents.get("/<id>/playbooks")
@incidents.output(shapes.IncidentPlaybooks)
def list_incident_playbooks(id: str) -> shapes.IncidentPlaybooks:
    """The playbooks that an incident offers, and what of them is done."""
    need(Act.SEE_OPERATIONS)
    incident = the_incident(id)
    return shapes.IncidentPlaybooks(items=[_offered(incident, each) for each in verbs.of(incident)])


@incidents.put("/<id>/playbooks/<playbook_id>/ticks")
@incidents.input(shapes.Tick, arg_name="wanted")
@incidents.output(shapes.IncidentPlaybook)
def tick_step(id: str, playbook_id: str, wanted: shapes.Tick) -> shapes.IncidentPlaybook:
    """A step is done, or is not after all."""
    with changing(id) as (incident, at):
        number = identity(playbook_id)
        playbook = next((each for each in verbs.of(incident) if each.id == number), None)
        if playbook is None:
            raise not_found("playbook")
        verbs.tick(incident, playbook, wanted.item, is_ticked=wanted.is_ticked, by=me(), at=at)
        db.session.flush()
        return _offered(incident, playbook)


def _read(draft: shapes.PlaybookDraft) -> dict[str, Any]:
    return {
        "name": draft.name, "body": draft.body, "severities": draft.severities,
        "services": [named(Service, each, "service", "#/service_ids") for each in draft.service_ids],
        "rules": [named(ResponseRule, each, "response rule", "#/rule_ids") for each in draft.rule_ids],
    }  # fmt: skip


def _shown(row: Playbook) -> shapes.Playbook:
    db.session.flush()
    return shapes.Playbook(
        id=str(row.id), name=row.name, body=row.body, created_at=row.created_at, updated_at=row.updated_at,
        severities=[IncidentSeverity(each) for each in row.severities],
        services=[Named(id=str(each.id), name=each.name) for each in row.services],
        rules=[Named(id=str(each.id), name=each.name) for each in row.rules],
    )  # fmt: skip


def _offered(incident: Incident, playbook: Playbook) -> shapes.IncidentPlaybook:
    done = verbs.ticks(incident)
    return shapes.IncidentPlaybook(
        id=str(playbook.id), name=playbook.name, body=playbook.body,
        steps=[_step(item, done.get((playbook.id, item.key))) for item in rules.items(playbook.body)],
    )  # fmt: skip


def _step(item: rules.Item, tick: PlaybookTick | None) -> shapes.Step:
    by = None if tick is None else Named(id=str(tick.ticked_by_id), name=tick.ticked_by.name)
    return shapes.Step(
        item=item.key, text=item.text, ticked_by=by, ticked_at=None if tick is None else tick.ticked_at
    )
