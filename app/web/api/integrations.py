"""/api/v1/integrations: the doors alerts come in by. A key is shown once, when it is made."""

import sqlalchemy as sa
from flask.typing import ResponseReturnValue

from app import clock
from app.alerts import change_integration
from app.alerts import integrations as verbs
from app.alerts.models import Integration, Service
from app.alerts.sources.mapping import BadMapping
from app.database import transaction
from app.incidents import access
from app.people.rights import Act
from app.web import serialize
from app.web.api.auth import me, need
from app.web.api.find import found, named, numbers
from app.web.api.listing import each, identity, listing
from app.web.api.noun import noun
from app.web.api.problems import Problem, answer, not_found, unprocessable
from app.web.api.shapes import services as shapes
from app.web.api.shapes.common import Listing

integrations = noun("integrations", "Doors for alerts, each with a key that is shown once.")


@integrations.errorhandler(BadMapping)
def bad_mapping(error: BadMapping) -> ResponseReturnValue:
    """Every problem of a mapping, at its place in the body."""
    return answer(
        Problem(
            422,
            "The mapping cannot be used.",
            errors=[
                {"pointer": each.pointer.replace("#", "#/mapping", 1), "detail": each.detail}
                for each in error.problems
            ],
        )
    )


@integrations.get("")
@integrations.input(shapes.IntegrationQuery, location="query", arg_name="query")
@integrations.output(Listing[shapes.Integration])
def list_integrations(query: shapes.IntegrationQuery) -> Listing[shapes.Integration]:
    """List integrations."""
    need(Act.SEE_OPERATIONS)
    select = (
        sa.select(Integration)
        .join(Service)
        .where(Integration.is_active, Service.is_active, access.services_seen_by(me()))
    )
    if query.name:
        select = select.where(Integration.name.in_(query.name))
    if query.kind:
        select = select.where(Integration.kind.in_(query.kind))
    if query.service_id:
        select = select.where(Integration.service_id.in_(numbers(query.service_id)))
    return listing(select, query, each(serialize.integration), by=[Integration.id])


@integrations.post("")
@integrations.input(shapes.IntegrationDraft, arg_name="draft")
@integrations.output(shapes.NewIntegration, 201)
def create_integration(draft: shapes.IntegrationDraft) -> shapes.NewIntegration:
    """Open a door. This one answer holds its `key`, and the `url` to post to."""
    with transaction():
        service = named(
            Service, draft.service_id, "service", "#/service_id", among=access.services_seen_by(me())
        )
        if not service.is_active:
            raise unprocessable("#/service_id", "This service is looked after no longer.")
        need(Act.EDIT_SERVICES, team_id=service.team_id)
        integration, key = verbs.create(
            service=service, name=draft.name, kind=draft.kind, by=me(), at=clock.now(), mapping=draft.mapping,
            default_severity=draft.default_severity, silent_after_minutes=draft.silent_after_minutes,
        )  # fmt: skip
        return serialize.new_integration(integration, key)


@integrations.get("/<id>")
@integrations.output(shapes.Integration)
def show_integration(id: str) -> shapes.Integration:
    """Show an integration. Of its key only the first characters are left."""
    need(Act.SEE_OPERATIONS)
    return serialize.integration(_open(id))


@integrations.patch("/<id>")
@integrations.input(shapes.IntegrationChanges, arg_name="changes")
@integrations.output(shapes.Integration)
def change_an_integration(id: str, changes: shapes.IntegrationChanges) -> shapes.Integration:
    """Change an integration's name, mapping, default severity or silence. Its kind and service stay."""
    with transaction():
        integration = _open(id)
        need(Act.EDIT_SERVICES, team_id=integration.service.team_id)
        change_integration.change(integration, by=me(), at=clock.now(), **changes.given())
        return serialize.integration(integration)


@integrations.post("/<id>/keys")
@integrations.input(shapes.KeyDraft, arg_name="draft")
@integrations.output(shapes.NewIntegration, 201)
def add_integration_key(id: str, draft: shapes.KeyDraft) -> shapes.NewIntegration:
    """Make another key beside the present one: move the senders over, then end the old one. Two at most."""
    with transaction():
        integration = _open(id)
        need(Act.EDIT_SERVICES, team_id=integration.service.team_id)
        key = verbs.add_key(integration, by=me(), at=clock.now(), expires_at=draft.expires_at)
        return serialize.new_integration(integration, key)


@integrations.delete("/<id>/keys/<key_id>")
@integrations.output({}, 204)
def end_integration_key(id: str, key_id: str) -> ResponseReturnValue:
    """Refuse a key from here on. The only one is kept: 409."""
    with transaction():
        integration = _open(id)
        need(Act.EDIT_SERVICES, team_id=integration.service.team_id)
        key = next((one for one in integration.keys if one.id == identity(key_id)), None)
        if key is None:
            raise not_found("key")
        verbs.end_key(key, by=me(), at=clock.now())
    return "", 204


@integrations.delete("/<id>")
@integrations.output({}, 204)
def delete_integration(id: str) -> ResponseReturnValue:
    """Close a door: its key is refused from here on. Its alerts stay."""
    with transaction():
        integration = _open(id)
        need(Act.EDIT_SERVICES, team_id=integration.service.team_id)
        change_integration.close(integration, by=me(), at=clock.now())
    return "", 204


def _open(id: str) -> Integration:
    integration = found(Integration, id, "integration", among=access.integrations_seen_by(me()))
    if not (integration.is_active and integration.service.is_active):
        raise not_found("integration")
    return integration
