"""The week of one's teams: what it was, what is to come, what to look at."""

from flask import Blueprint, render_template

from app import clock
from app.domain import digest as rules
from app.learning import digest
from app.people.rights import Act
from app.web.access import needs, viewer
from app.web.words import plain

blueprint = Blueprint("digest", __name__)


@blueprint.get("/digest")
@needs(Act.SEE_OPERATIONS)
def index() -> str:
    """The seven days up to now; on Monday morning the same goes out as mail."""
    return render_template(
        "digest/index.html",
        teams=[
            {
                "number": each.team.id, "name": plain(each.team.name), "week": each.week,
                "nights": [(plain(name), count) for name, count in each.week.nights.items()],
                "shifts": [plain(line) for line in each.shifts],
                "looks": [(plain(says), door) for says, door in rules.looks(each.week)],
            }
            for each in digest.of(viewer(), at=clock.now())
        ],
    )  # fmt: skip
