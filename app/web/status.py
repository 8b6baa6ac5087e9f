"""How what we look after is, for everybody who signs in; and whether people outside may read some of it."""

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain.component import WORDS
from app.incidents import status_page, subscribers
from app.notices.mail import works
from app.people import queries
from app.people.rights import Act, may
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.public_status import MOODS, address
from app.web.redirects import see
from app.web.toast import toast

blueprint = Blueprint("status", __name__)


@blueprint.get("/status")
@needs(Act.SEE_INCIDENTS)
def show() -> str:
    """Every service with its state, those that are not well first."""
    found = status_page.components()
    troubled = [each for each in found if each.incidents]
    return render_template(
        "status/show.html", troubled=troubled, well=[each for each in found if not each.incidents],
        words=WORDS, moods=MOODS, public=address() if status_page.is_public() else None,
        may_open=may(viewer(), Act.MANAGE_ORGANISATION),
    )  # fmt: skip


@blueprint.get("/organisation/status-page")
@needs(Act.MANAGE_ORGANISATION)
def settings() -> str:
    """Whether the public page is open, what stands on it, and who is mailed."""
    return render_template(
        "status/settings.html", is_open=status_page.is_public(), components=status_page.public_components(),
        address=address(), readers=subscribers.count(), mail_works=works(), words=WORDS,
        own_address=current_app.config["settings"].status_url is not None,
    )  # fmt: skip


@blueprint.post("/organisation/status-page")
@needs(Act.MANAGE_ORGANISATION)
def change() -> ResponseReturnValue:
    """Open it to the public, or close it."""
    is_open = request.form.get("open") == "yes"
    with transaction():
        organisation = queries.organisation()
        if organisation is None:
            raise NotFound
        status_page.open_to_public(organisation, is_open=is_open, by=viewer(), at=clock.now())
    toast("Anybody can read it now." if is_open else "Only whoever signs in can read it now.")
    return see(url_for(".settings"))
