"""What every door does once it knows who is there."""

from typing import TypeVar

from flask import redirect, request, session, url_for
from werkzeug.wrappers import Response

from app import clock
from app.domain.device import device_name
from app.paging import subscriptions
from app.people import begun, sessions
from app.people.models import User
from app.web import session as cookie
from app.web.access import current_session

STEP = "second_step"
AnyResponse = TypeVar("AnyResponse", bound=Response)


def let_in(user: User, onward: str, *, factors: int) -> Response:
    """Sign this browser in and go on. `factors`: how many kinds of proof it took. Needs a transaction."""
    return sign_in_here(redirect(onward, 303), user, factors=factors)


def sign_in_here(response: AnyResponse, user: User, *, factors: int) -> AnyResponse:
    """A new session for this browser, whatever it carried before; its cookies go out with `response`."""
    sessions.forget_the_dead(at=clock.now())
    before = current_session()
    device = device_name(request.headers.get("User-Agent", ""))
    row, token = sessions.start(user, device=device, at=clock.now(), factors=factors)
    if before is not None:
        subscriptions.follow(before.token_hash, row.token_hash, user)
        sessions.end(before)
    session.clear()
    cookie.keep(response, token)
    cookie.keep_step(response, "")
    cookie.remember_browser(response, user.email)
    return response


def ask_for_code(user: User, onward: str) -> Response:
    """One proof was given; who it is waits in a row, and this browser holds its token. Needs a transaction."""
    token = begun.begin(STEP, at=clock.now(), user=user)
    response = redirect(url_for("second_factor.ask", next=onward), 303)
    cookie.keep_step(response, token)
    return response
