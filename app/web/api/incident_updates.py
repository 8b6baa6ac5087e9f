"""Updates of an incident: routes below /api/v1/incidents/{id}."""

from datetime import timedelta

import sqlalchemy as sa

from app import clock
from app.database import db
from app.domain import update as rules
from app.domain.update import Fields
from app.domain.zone import named as zone_named
from app.incidents import update
from app.incidents.models import IncidentUpdate
from app.people.rights import Act
from app.web.api.auth import me, need
from app.web.api.incidents import changing, incidents, the_incident
from app.web.api.listing import listing
from app.web.api.shapes import incident_updates as shapes
from app.web.api.shapes.common import Listing, ListQuery, Named


@incidents.get("/<id>/updates")
@incidents.input(ListQuery, location="query", arg_name="query")
@incidents.output(Listing[shapes.Update])
def list_updates(id: str, query: ListQuery) -> Listing[shapes.Update]:
    """What people were told, the newest first."""
    need(Act.SEE_INCIDENTS)
    rows = sa.select(IncidentUpdate).where(IncidentUpdate.incident_id == the_incident(id).id)
    return listing(
        rows, query, lambda some: [_shown(each) for each in some], by=[IncidentUpdate.id], descending=True
    )


@incidents.get("/<id>/update-draft")
@incidents.output(shapes.Draft)
def show_update_draft(id: str) -> shapes.Draft:
    """The update that the incident would write itself."""
    need(Act.SEE_INCIDENTS)
    incident = the_incident(id)
    last, said = update.last_update(incident), update.draft(incident, clock.now(), zone_named(me().time_zone))
    return shapes.Draft(
        after=0 if last is None else last.number, audience=rules.TEMPLATES[incident.severity].audience,
        **{name: getattr(said, name) for name in rules.NAMES},
    )  # fmt: skip


@incidents.post("/<id>/updates")
@incidents.input(shapes.UpdateDraft, arg_name="draft")
@incidents.output(shapes.Update, 201)
def send_update(id: str, draft: shapes.UpdateDraft) -> shapes.Update:
    """Tell people how it stands. What is left out fills itself. 409 when another was sent after `after`."""
    given = draft.given()
    with changing(id) as (incident, at):
        own = update.draft(incident, at, zone_named(me().time_zone))
        said = Fields(**{name: given.get(name) or getattr(own, name) for name in rules.NAMES})
        promised = None if draft.next_in_minutes is None else timedelta(minutes=draft.next_in_minutes)
        sent = update.send(
            incident, said, audience=draft.audience or rules.TEMPLATES[incident.severity].audience, by=me(),
            at=at, after=draft.after, next_in=promised,
        )  # fmt: skip
        db.session.flush()
        return _shown(sent)


def _shown(row: IncidentUpdate) -> shapes.Update:
    return shapes.Update(
        id=str(row.id), number=row.number, audience=row.audience, sent_at=row.sent_at, next_at=row.next_at,
        sent_by=Named(id=str(row.sent_by_id), name=row.sent_by.name),
        **{name: getattr(row, name) for name in rules.NAMES},
    )  # fmt: skip
