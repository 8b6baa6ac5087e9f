"""Gaps: what nobody has prepared, tried or finished, each with a door (S-83); what reviews say (S-75)."""

from datetime import timedelta

from flask import Blueprint, render_template

from app import clock
from app.domain.retrospective import QUESTIONS
from app.learning import gaps, retrospective
from app.people.rights import Act
from app.web.access import needs, viewer
from app.web.words import counted, plain

blueprint = Blueprint("gaps", __name__)

REVIEWED = timedelta(days=365)
SHOWN = 10  # of a kind; of the others it says how many


@blueprint.get("/gaps")
@needs(Act.SEE_OPERATIONS)
def index() -> str:
    now = clock.now()
    found = gaps.of(viewer(), at=now)
    said = retrospective.counted(viewer(), since=now - REVIEWED)
    return render_template(
        "gaps/index.html",
        gaps=[
            (each.name, each.title, each.why, counted(len(each.lacks), "gap"), max(0, len(each.lacks) - SHOWN),
             [(plain(lack.name), plain(lack.says), lack.door) for lack in each.lacks[:SHOWN]])
            for each in found if each.lacks
        ],
        closed=[each.title for each in found if not each.lacks],
        said=[
            (title, sum(said[question].values()), list(said[question].values()))
            for question, title in QUESTIONS.items()
        ],
    )  # fmt: skip
