"""/api/v1/escalation-policies: whom to page in what order."""

import sqlalchemy as sa
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.oncall import policies as verbs
from app.oncall import remove
from app.oncall.models import EscalationPolicy
from app.people.rights import Act
from app.web import serialize
from app.web.api.auth import me, need
from app.web.api.find import found, numbers
from app.web.api.listing import each, identity, listing
from app.web.api.noun import noun
from app.web.api.shapes import policies as shapes
from app.web.api.shapes.common import IfMatch, Listing
from app.web.api.versions import expected_version, send_etag

policies = noun("escalation-policies", "Whom to page in what order, and when nobody is left.")


@policies.get("")
@policies.input(shapes.EscalationPolicyQuery, location="query", arg_name="query")
@policies.output(Listing[shapes.EscalationPolicy])
def list_escalation_policies(query: shapes.EscalationPolicyQuery) -> Listing[shapes.EscalationPolicy]:
    """List escalation policies."""
    need(Act.SEE_OPERATIONS)
    select = sa.select(EscalationPolicy)
    if query.name:
        select = select.where(EscalationPolicy.name.in_(query.name))
    if query.team_id:
        select = select.where(EscalationPolicy.team_id.in_(numbers(query.team_id)))
    return listing(select, query, each(serialize.escalation_policy), by=[EscalationPolicy.id])


@policies.post("")
@policies.input(shapes.EscalationPolicyDraft, arg_name="draft")
@policies.output(shapes.EscalationPolicy, 201)
def create_escalation_policy(draft: shapes.EscalationPolicyDraft) -> shapes.EscalationPolicy:
    """Make an escalation policy."""
    with transaction():
        need(Act.EDIT_ON_CALL, team_id=identity(draft.team_id))
        policy = verbs.create(
            name=draft.name, team_id=identity(draft.team_id), steps=_steps(draft), repeat=draft.repeat,
            last_resort_user_id=_last_resort(draft), answers=draft.acknowledgements,
            ask_again_minutes=draft.acknowledge_timeout_minutes, flap_limit=draft.flap_limit, by=me(),
            at=clock.now(),
        )  # fmt: skip
        send_etag(policy)
        return serialize.escalation_policy(policy)


@policies.get("/<id>")
@policies.output(shapes.EscalationPolicy)
def show_escalation_policy(id: str) -> shapes.EscalationPolicy:
    """Show an escalation policy. Its `ETag` is for `If-Match`."""
    need(Act.SEE_OPERATIONS)
    policy = found(EscalationPolicy, id, "escalation policy")
    send_etag(policy)
    return serialize.escalation_policy(policy)


@policies.put("/<id>")
@policies.input(IfMatch, location="headers", arg_name="headers")
@policies.input(shapes.EscalationPolicyDraft, arg_name="draft")
@policies.output(shapes.EscalationPolicy)
def replace_escalation_policy(
    id: str, headers: IfMatch, draft: shapes.EscalationPolicyDraft
) -> shapes.EscalationPolicy:
    """Put another policy in its place. Alerts that escalate already keep the one they took."""
    with transaction():
        policy = found(EscalationPolicy, id, "escalation policy")
        need(Act.EDIT_ON_CALL, team_id=policy.team_id)
        need(Act.EDIT_ON_CALL, team_id=identity(draft.team_id))
        verbs.replace(
            policy, version=expected_version(policy, headers.if_match), name=draft.name,
            team_id=identity(draft.team_id), steps=_steps(draft), repeat=draft.repeat,
            last_resort_user_id=_last_resort(draft), answers=draft.acknowledgements,
            ask_again_minutes=draft.acknowledge_timeout_minutes, flap_limit=draft.flap_limit, by=me(),
            at=clock.now(),
        )  # fmt: skip
        send_etag(policy)
        return serialize.escalation_policy(policy)


@policies.delete("/<id>")
@policies.output({}, 204)
def delete_escalation_policy(id: str) -> ResponseReturnValue:
    """Delete an escalation policy. One that pages for a service is refused with 409."""
    with transaction():
        policy = found(EscalationPolicy, id, "escalation policy")
        need(Act.EDIT_ON_CALL, team_id=policy.team_id)
        remove.remove_policy(policy, by=me(), at=clock.now())
    return "", 204


def _steps(draft: shapes.EscalationPolicyDraft) -> object:
    """The steps as they were sent, for the one parser of steps."""
    return draft.model_dump(mode="json", exclude_unset=True)["steps"]


def _last_resort(draft: shapes.EscalationPolicyDraft) -> int | None:
    return None if draft.last_resort_user_id is None else identity(draft.last_resort_user_id)
