"""What anybody may read of an incident, and follow: routes below /api/v1/incidents/{id}."""

from app import clock
from app.database import transaction
from app.domain import update as rules
from app.domain.zone import named as zone_named
from app.incidents import stream, update, watch
from app.people.rights import Act
from app.web import serialize
from app.web.api.auth import me, need
from app.web.api.incidents import incidents, the_incident
from app.web.api.shapes import incident_live as shapes
from app.web.api.shapes.common import Nothing


@incidents.get("/<id>/brief")
@incidents.output(shapes.Brief)
def show_incident_brief(id: str) -> shapes.Brief:
    """What somebody who joins has to know, from what the incident knows."""
    need(Act.SEE_INCIDENTS)
    incident = the_incident(id)
    said = update.draft(incident, clock.now(), zone_named(me().time_zone))
    return shapes.Brief(
        next_update_at=incident.next_update_at,
        pinned=[serialize.event(event) for event in stream.pinned(incident, me())],
        **{name: getattr(said, name) for name in rules.NAMES},
    )


@incidents.put("/<id>/subscription")
@incidents.input(Nothing, arg_name="nothing")
@incidents.output(shapes.Subscription)
def follow_incident(id: str, nothing: Nothing) -> shapes.Subscription:  # noqa: ARG001
    """Be told when it changes. Following pages nobody."""
    return _follow(id, stays=True)


@incidents.delete("/<id>/subscription")
@incidents.output(shapes.Subscription)
def leave_incident(id: str) -> shapes.Subscription:
    """Be told no longer."""
    return _follow(id, stays=False)


def _follow(id: str, *, stays: bool) -> shapes.Subscription:
    with transaction():
        need(Act.SEE_INCIDENTS)
        incident = the_incident(id)
        if stays:
            watch.watch(incident, by=me(), at=clock.now())
        else:
            watch.leave(incident, by=me())
    return shapes.Subscription(is_following=stays)
