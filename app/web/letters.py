"""The link at the foot of a letter that comes by the calendar: one press ends them, without a sign-in."""

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue

from app.database import transaction
from app.domain.notice import CATEGORIES, CATEGORY_OF, NoticeEvent
from app.notices import letters
from app.people.models import User
from app.web.errors import NotFound

blueprint = Blueprint("letters", __name__, url_prefix="/letters")


@blueprint.get("/<token>")
def show(token: str) -> ResponseReturnValue:
    """Which letters these are, with a button. Mail scanners look at links, so this changes nothing."""
    return _page(token, *_found(token))


@blueprint.post("/<token>/removal")
def end(token: str) -> ResponseReturnValue:
    """By the button, or by a mail program itself (RFC 8058)."""
    with transaction():
        user, event = _found(token)
        letters.end(user, event)
    return _page(token, user, event)


@blueprint.post("/<token>")
def begin_again(token: str) -> ResponseReturnValue:
    """Whoever pressed by mistake has them back."""
    with transaction():
        user, event = _found(token)
        letters.begin_again(user, event)
    return _page(token, user, event)


def _found(token: str) -> tuple[User, NoticeEvent]:
    found = letters.find(token)
    if found is None:
        raise NotFound
    return found


def _page(token: str, user: User, event: NoticeEvent) -> ResponseReturnValue:
    answer = make_response(
        render_template(
            "notices/letters.html", token=token, what=CATEGORIES[CATEGORY_OF[event]].events[event],
            to=user.email, are_wanted=letters.are_wanted(user, event),
        )
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer
