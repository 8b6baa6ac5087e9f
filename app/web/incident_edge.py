"""What every form of an incident begins and ends with: the locked row, the words, and back to its screen."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from app.domain.lifecycle import InvalidTransition
from app.incidents import access, queries
from app.incidents.models import Incident
from app.people.rights import Act, NotAllowed, who_may
from app.web.access import viewer
from app.web.errors import NotFound
from app.web.redirects import see
from app.web.toast import toast

LONGEST = 10_000  # characters, as a program's may have


def locked(number: int) -> Incident:
    """The incident, for changing by the viewer. Raises NotFound, NotAllowed."""
    incident = queries.locked(number)
    if incident is None or not access.may_see_incident(viewer(), incident):
        raise NotFound
    if not access.may_work(viewer(), incident):
        raise NotAllowed(who_may(Act.RESPOND))
    return incident


def done(number: int, says: str, *, undo: str | None = None) -> ResponseReturnValue:
    """Back to the incident, which says what was done."""
    toast(says, undo=undo)
    return see(url_for("incidents.show", number=number))


def text(name: str, limit: int = LONGEST) -> str:
    """What was typed. Raises InvalidTransition when it is too long: none of it is cut off silently."""
    typed = request.form.get(name, "").strip().replace("\r\n", "\n")
    if len(typed) > limit:
        raise InvalidTransition(
            f"That is {len(typed):,} characters, and {limit:,} fit. Nothing was saved; your words are still"
            " where you typed them. Shorten them, or put the long part elsewhere and link to it."
        )
    return typed
