"""Now: am I on call, does anything need me, does paging work."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.people.rights import Act, may
from app.web.access import signed_in, viewer
from app.web.now_view import now_view

blueprint = Blueprint("now", __name__)


@blueprint.get("/")
@signed_in
def show() -> ResponseReturnValue:
    if not may(viewer(), Act.SEE_OPERATIONS):
        return redirect(url_for("incidents.index"))
    return render_template(
        "now/show.html", may_page=may(viewer(), Act.PAGE_A_PERSON), **vars(now_view(viewer()))
    )
