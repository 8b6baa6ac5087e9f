"""Gaps: what nobody has prepared, tried or finished, each with a door (S-83)."""

from flask import Blueprint, render_template

from app import clock
from app.domain.phrase import counted
from app.learning import gaps
from app.people.rights import Act
from app.web.access import needs, viewer
from app.web.words import plain

blueprint = Blueprint("gaps", __name__)

SHOWN = 10  # of a kind; of the others it says how many


@blueprint.get("/gaps")
@needs(Act.SEE_OPERATIONS)
def index() -> str:
    found = gaps.of(viewer(), at=clock.now())
    return render_template(
        "gaps/index.html",
        gaps=[
            (each.name, each.title, each.why, counted(len(each.lacks), "gap"), max(0, len(each.lacks) - SHOWN),
             [(plain(lack.name), plain(lack.says), lack.door) for lack in each.lacks[:SHOWN]])
            for each in found if each.lacks
        ],
        closed=[each.title for each in found if not each.lacks],
    )  # fmt: skip
