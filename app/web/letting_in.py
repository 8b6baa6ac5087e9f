"""What every door does once it knows who is there."""

from flask import redirect, request, session
from werkzeug.wrappers import Response

from app import clock
from app.domain.device import device_name
from app.people import sessions
from app.people.models import User
from app.web import session as cookie
from app.web.access import current_session


def let_in(user: User, onward: str, *, factors: int) -> Response:
    """A new session for this browser, whatever it carried before. `factors`: how many kinds of proof it took.

    Needs a transaction.
    """
    device = device_name(request.headers.get("User-Agent", ""))
    sessions.forget_the_dead(at=clock.now())
    if (before := current_session()) is not None:
        sessions.end(before)
    _, token = sessions.start(user, device=device, at=clock.now(), factors=factors)
    session.clear()
    response = redirect(onward, 303)
    cookie.keep(response, token)
    cookie.remember_browser(response, user.email)
    return response
