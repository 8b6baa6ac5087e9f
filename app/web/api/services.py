"""/api/v1/services: what is looked after, by which team, paged by which policy."""

from typing import Any

import sqlalchemy as sa
from flask.typing import ResponseReturnValue

from app import clock
from app.alerts import services as verbs
from app.alerts.models import Service
from app.database import transaction
from app.incidents import access
from app.people.rights import Act
from app.web import serialize
from app.web.api.auth import me, need
from app.web.api.find import found, numbers
from app.web.api.listing import each, identity, listing
from app.web.api.noun import noun
from app.web.api.shapes import services as shapes
from app.web.api.shapes.common import Listing

services = noun("services", "What is looked after: by one team, paged by one policy.")


@services.get("")
@services.input(shapes.ServiceQuery, location="query", arg_name="query")
@services.output(Listing[shapes.Service])
def list_services(query: shapes.ServiceQuery) -> Listing[shapes.Service]:
    """List services. Those that are deactivated are shown with `is_active=false` only."""
    need(Act.SEE_OPERATIONS)
    select = sa.select(Service).where(Service.is_active == query.is_active, access.services_seen_by(me()))
    if query.name:
        select = select.where(Service.name.in_(query.name))
    if query.team_id:
        select = select.where(Service.team_id.in_(numbers(query.team_id)))
    return listing(select, query, each(serialize.service), by=[Service.id])


@services.post("")
@services.input(shapes.ServiceDraft, arg_name="draft")
@services.output(shapes.Service, 201)
def create_service(draft: shapes.ServiceDraft) -> shapes.Service:
    """Make a service. Without a policy its alerts go to the last resort at once."""
    columns = _columns(draft.model_dump())
    with transaction():
        need(Act.EDIT_SERVICES, team_id=columns["team_id"])
        return serialize.service(verbs.create(**columns, by=me(), at=clock.now()))


@services.get("/<id>")
@services.output(shapes.Service)
def show_service(id: str) -> shapes.Service:
    """Show a service."""
    need(Act.SEE_OPERATIONS)
    return serialize.service(_service(id))


@services.patch("/<id>")
@services.input(shapes.ServiceChanges, arg_name="changes")
@services.output(shapes.Service)
def change_service(id: str, changes: shapes.ServiceChanges) -> shapes.Service:
    """Change a service. Alerts that are open keep the policy they took.

    `is_active` false shuts its integrations, which cannot be opened meanwhile; its history stays.
    """
    columns = _columns(changes.given())
    with transaction():
        service = _service(id)
        need(Act.EDIT_SERVICES, team_id=service.team_id)
        need(Act.EDIT_SERVICES, team_id=columns.get("team_id", service.team_id))
        if columns.pop("is_active", service.is_active) is not service.is_active:
            (verbs.deactivate if service.is_active else verbs.activate)(service, by=me(), at=clock.now())
        return serialize.service(verbs.change(service, by=me(), at=clock.now(), **columns))


@services.delete("/<id>")
@services.output({}, 204)
def delete_service(id: str) -> ResponseReturnValue:
    """Look after a service no longer.

    One that nothing has happened to is gone; one with alerts is deactivated: they stay, and its integrations
    take nothing more until it is active again.
    """
    with transaction():
        service = _service(id)
        need(Act.EDIT_SERVICES, team_id=service.team_id)
        verbs.remove(service, by=me(), at=clock.now())
    return "", 204


def _service(id: str) -> Service:
    return found(Service, id, "service", among=access.services_seen_by(me()))


def _columns(sent: dict[str, Any]) -> dict[str, Any]:
    """What was sent, with the numbers behind its ids."""
    ids = ("team_id", "escalation_policy_id", "owner_id")
    return {
        name: identity(value) if name in ids and value is not None else value for name, value in sent.items()
    }
