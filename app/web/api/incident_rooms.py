"""Where people meet about an incident: routes below /api/v1/incidents/{id}."""

from app.incidents import war_room
from app.incidents.models import Incident
from app.people.rights import Act
from app.web.api.auth import me, need
from app.web.api.incidents import changing, incidents, the_incident
from app.web.api.shapes import incident_rooms as shapes
from app.web.api.shapes.common import Nothing


@incidents.get("/<id>/rooms")
@incidents.output(shapes.Rooms)
def list_incident_rooms(id: str) -> shapes.Rooms:
    """Where one meets about it, and where while that is down."""
    need(Act.SEE_INCIDENTS)
    return _shown(the_incident(id))


@incidents.post("/<id>/rooms")
@incidents.input(Nothing, arg_name="nothing")
@incidents.output(shapes.Rooms)
def open_incident_rooms(id: str, nothing: Nothing) -> shapes.Rooms:  # noqa: ARG001
    """Open the chat and the call that the organisation has set up. The same again opens nothing."""
    with changing(id) as (incident, at):
        war_room.open_rooms(incident, by=me(), at=at)
        return _shown(incident)


def _shown(incident: Incident) -> shapes.Rooms:
    return shapes.Rooms(
        items=[
            shapes.Room(
                use=each.use, provider=each.provider, name=each.name, address=each.address,
                problem=each.problem, opened_at=each.opened_at,
            )
            for each in war_room.rooms(incident)
        ],
        fallback=war_room.template().fallback,
    )  # fmt: skip
