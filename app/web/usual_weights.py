"""What an hour on call weighs in the organisation, where a schedule says nothing else."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain.fairness import HEAVIEST, HourKind
from app.domain.invalid import InvalidField
from app.oncall import fairness
from app.people.rights import Act
from app.web.access import needs, viewer
from app.web.fairness import KIND_WORDS, problems_of_weights, weights_typed
from app.web.redirects import see
from app.web.toast import toast

blueprint = Blueprint("usual_weights", __name__, url_prefix="/organisation/fairness")


@blueprint.get("")
@needs(Act.MANAGE_ORGANISATION)
def show() -> str:
    return _page({str(kind): f"{weight:g}" for kind, weight in fairness.usual_weights().items()})


@blueprint.post("")
@needs(Act.MANAGE_ORGANISATION)
def change_usual_weights() -> ResponseReturnValue:
    answers = {str(kind): request.form.get(str(kind), "") for kind in HourKind}
    try:
        with transaction():
            fairness.change_usual_weights(weights_typed(answers), by=viewer(), at=clock.now())
    except InvalidField as invalid:
        return _page(answers, problems_of_weights(invalid)), 422
    toast("Kept. The figures follow, where a schedule has no weight of its own.")
    return see(url_for("usual_weights.show"))


def _page(answers: dict[str, str], problems: dict[str, str] | None = None) -> str:
    return render_template(
        "organisation/fairness.html", kinds=KIND_WORDS, answers=answers, problems=problems or {}, most=HEAVIEST
    )
