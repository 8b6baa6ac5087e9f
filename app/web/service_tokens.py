"""Tokens of programs that belong to nobody: made, seen and ended by administrators."""

from datetime import timedelta

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.words import Role
from app.people import service_accounts, tokens
from app.people.models import ApiToken
from app.people.rights import Act, Scope
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import problems_of
from app.web.redirects import see
from app.web.toast import toast
from app.web.tokens import LASTS

blueprint = Blueprint("service_tokens", __name__, url_prefix="/organisation/tokens")

MAY = {Scope.READ: "Read", Scope.WRITE: "Read and change", Scope.ADMIN: "Manage people, too"}


@blueprint.get("")
@needs(Act.MANAGE_ORGANISATION)
def index() -> str:
    return _page()


@blueprint.post("")
@needs(Act.MANAGE_ORGANISATION)
def create() -> ResponseReturnValue:
    """A new account with its token, which the answer shows, this once."""
    given = {field: request.form.get(field, "").strip() for field in ("name", "role", "scope", "lasts")}
    if given["lasts"] not in dict(LASTS):
        return _page({"lasts": "Choose how long it lasts."}), 422
    try:
        with transaction():
            at = clock.now()
            until = at + timedelta(days=int(given["lasts"])) if given["lasts"] else None
            _, plain = service_accounts.create(
                name=given["name"],
                role=given["role"],
                scope=given["scope"],
                by=viewer(),
                at=at,
                expires_at=until,
            )
            return _page(new=plain)
    except InvalidField as invalid:
        return _page(problems_of(invalid)), 422
    except tokens.ScopeRefused as refused:
        return _page({"scope": str(refused)}), 422


@blueprint.post("/<int:number>/removal")
@needs(Act.MANAGE_ORGANISATION)
def end(number: int) -> ResponseReturnValue:
    with transaction():
        token = db.session.get(ApiToken, number)
        if token is None or not token.user.is_service:
            raise NotFound
        service_accounts.end(token, by=viewer(), at=clock.now())
    toast("That program is shut out.")
    return see(url_for("service_tokens.index"))


def _page(problems: dict[str, str] | None = None, *, new: str | None = None) -> str:
    return render_template(
        "organisation/tokens.html",
        tokens=service_accounts.living(),
        roles=[(role, role.capitalize()) for role in Role],
        scopes=list(MAY.items()),
        lasts=LASTS,
        answers={} if new else request.form,
        problems=problems or {},
        new=new,
    )
