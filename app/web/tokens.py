"""My tokens: keys for programs that act in my name, shown once, each with its scope, end and last use."""

from datetime import timedelta

import sqlalchemy as sa
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.notices import news
from app.people import tokens
from app.people.models import ApiToken
from app.people.rights import SCOPES, Scope
from app.web.access import prove_lately, signed_in, viewer
from app.web.errors import NotFound
from app.web.redirects import see
from app.web.toast import toast

blueprint = Blueprint("tokens", __name__, url_prefix="/me/tokens")

LONGEST_NAME = 100
LASTS = (("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("", "Until I end it"))
MAY = {Scope.READ: "Read what I may read", Scope.WRITE: "Do what I may do", Scope.ADMIN: "Manage people, too"}


@blueprint.get("")
@signed_in
def index() -> str:
    return _page()


@blueprint.post("")
@signed_in
def create() -> ResponseReturnValue:
    """A new token. The answer shows it, this once: no redirect, so that no address and no cookie holds it."""
    name, scope, days = (request.form.get(field, "").strip() for field in ("name", "scope", "lasts"))
    problems = {}
    if not name or len(name) > LONGEST_NAME:
        problems["name"] = f"A name, of at most {LONGEST_NAME} characters."
    if days not in dict(LASTS):
        problems["lasts"] = "Choose how long it lasts."
    try:
        if problems:
            return _page(problems), 422
        with transaction():
            at = clock.now()
            until = at + timedelta(days=int(days)) if days else None
            if scope == Scope.ADMIN:
                prove_lately()
            _, plain = tokens.create(viewer(), name=name, scopes=[scope], at=at, by=viewer(), expires_at=until)
            news.token(viewer(), name, by=viewer(), at=at)
            return _page(new=plain)
    except tokens.ScopeRefused as refused:
        return _page({"scope": str(refused)}), 422


@blueprint.post("/<int:number>/removal")
@signed_in
def revoke(number: int) -> ResponseReturnValue:
    """It opens nothing from here on."""
    with transaction():
        token = db.session.get(ApiToken, number)
        if token is None or token.user_id != viewer().id:
            raise NotFound
        tokens.revoke(token, by=viewer(), at=clock.now())
    toast("That token is ended.")
    return see(url_for("tokens.index"))


def _page(problems: dict[str, str] | None = None, *, new: str | None = None) -> str:
    me, now = viewer(), clock.now()
    living = sa.select(ApiToken).where(
        ApiToken.user_id == me.id, ApiToken.revoked_at.is_(None),
        sa.or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now),
    )  # fmt: skip
    return render_template(
        "me/tokens.html",
        tokens=db.session.scalars(living.order_by(ApiToken.id.desc())).all(),
        scopes=[(scope, MAY[scope]) for scope in Scope if scope in SCOPES[me.role]],
        lasts=LASTS,
        answers={} if new else request.form,
        problems=problems or {},
        new=new,
    )
