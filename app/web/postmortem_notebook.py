"""The review notebook of an incident, run by the engine when somebody asks: how it stands, and the file."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.learning import notebook
from app.people.rights import Act
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.postmortems import done, found, locked
from app.web.rendered import rendered

blueprint = Blueprint("postmortem_notebook", __name__)


@blueprint.get("/postmortems/<int:number>/notebook")
@needs(Act.SEE_OPERATIONS)
def read(number: int) -> ResponseReturnValue:
    """The last one that was run. A restricted incident's is nobody's, also where it was run before."""
    postmortem = found(number)
    row = None if postmortem.incident.is_restricted else notebook.page_of(postmortem)
    if row is None:
        raise NotFound
    return rendered(row.html, f"review-INC-{number}.html")


@blueprint.post("/postmortems/<int:number>/notebook")
@needs(Act.SEE_OPERATIONS)
def ask(number: int) -> ResponseReturnValue:
    """The engine runs it."""
    with transaction():
        notebook.ask(locked(number), by=viewer(), at=clock.now())
    return done(number, "Asked for. It is there in a minute or two.")
