"""Three taps of each responder when it is over, and what they say together (S-75)."""

from datetime import timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain.lifecycle import InvalidTransition
from app.domain.phrase import counted
from app.domain.retrospective import QUESTIONS, VERDICTS
from app.domain.words import Verdict
from app.incidents import queries
from app.learning import feedback, retrospective
from app.people.rights import Act
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.incident_edge import done, text
from app.web.words import plain

blueprint = Blueprint("feedback", __name__)

TITLES = {"people": "Were the right people paged?", "alerts": "Were the alerts right?"}
LOOKED_BACK = timedelta(days=365)
SHOWN = 20  # of what was missing


@blueprint.post("/incidents/<int:number>/feedback")
@needs(Act.SEE_OPERATIONS)
def give(number: int) -> ResponseReturnValue:
    wanted = [request.form.get(name, "") for name in feedback.NAMES]
    if any(each not in list(Verdict) for each in wanted):
        raise InvalidTransition("Say yes, partly or no to both questions.")
    with transaction():
        incident = queries.shown(number, viewer())
        if incident is None:
            raise NotFound
        right_people, right_alerts = (Verdict(each) for each in wanted)
        feedback.give(
            incident, right_people=right_people, right_alerts=right_alerts,
            missing=text("missing", feedback.LONGEST), by=viewer(), at=clock.now(),
        )  # fmt: skip
    return done(number, "Thank you. It counts with the others.")


@blueprint.get("/trends/feedback")
@needs(Act.SEE_OPERATIONS)
def index() -> str:
    """What responders say at the end, and what reviews answer, of the last 365 days."""
    since = clock.now() - LOOKED_BACK
    said, reviews = feedback.counted(viewer(), since=since), retrospective.counted(viewer(), since=since)
    rows = [(TITLES[name], said.counts[name]) for name in feedback.NAMES]
    return render_template(
        "feedback/index.html", verdicts=list(VERDICTS.values()), missing_more=max(0, len(said.missing) - SHOWN),
        behind=f"{counted(said.answers, 'answer')} about {counted(said.incidents, 'incident')}",
        taps=[(title, sum(found.values()), list(found.values())) for title, found in rows],
        reviews=[
            (title, sum(reviews[question].values()), list(reviews[question].values()))
            for question, title in QUESTIONS.items()
        ],
        missing=[(number, plain(words)) for number, words in said.missing[:SHOWN]],
    )  # fmt: skip
