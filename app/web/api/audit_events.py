"""/api/v1/audit-events: who did what, as it was sealed. For administrators, with scope admin."""

from collections.abc import Sequence

from app.people.rights import Act, Scope
from app.timeline import audit
from app.timeline.audit import Wanted
from app.timeline.models import Event
from app.web import serialize
from app.web.api.auth import need, need_scope
from app.web.api.listing import identity, listing
from app.web.api.noun import noun
from app.web.api.shapes.audit import AuditEvent, AuditQuery
from app.web.api.shapes.common import Listing

audit_events = noun("audit-events", "Who did what, in a chain that shows every edit.")


@audit_events.get("")
@audit_events.input(AuditQuery, location="query", arg_name="query")
@audit_events.output(Listing[AuditEvent])
def list_audit_events(query: AuditQuery) -> Listing[AuditEvent]:
    """List what was done, the newest first."""
    need_scope(Scope.ADMIN)
    need(Act.MANAGE_ORGANISATION)
    wanted = Wanted(
        person_id=None if query.person is None else identity(query.person),
        subject_kind=query.subject_kind,
        subject_id=None if query.subject_id is None else identity(query.subject_id),
        since=query.since,
        until=query.until,
    )
    return listing(audit.select(wanted), query, _shapes, by=[Event.id], descending=True)


def _shapes(events: Sequence[Event]) -> list[AuditEvent]:
    seals = audit.seals_of(events)
    return [serialize.audit_event(event, seals.get(event.id)) for event in events]
