"""Forgotten: ask for a link by mail, and set a new password by one."""

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.notices import news
from app.notices.mail import queue_mail, works
from app.people import code_app, passwords, queries, reset, sign_in, users
from app.people.models import User
from app.people.rights import Act
from app.people.sign_in_policy import policy
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.letting_in import ask_for_code, let_in

blueprint = Blueprint("reset", __name__)

MAIL = """Somebody, most likely you, asked for a new password at Nightbell.

Open this within an hour to set one. It works once:
{link}

It was not you? Then do nothing: your password stays as it is.
"""


@blueprint.get("/forgotten")
def ask() -> str:
    return _ask()


@blueprint.post("/forgotten")
def send() -> ResponseReturnValue:
    """The same words whether anybody has this address or not (SEC-15); tries are counted like sign-ins."""
    email = request.form.get("email", "")
    with transaction():
        attempt = sign_in.begin(email, address=request.remote_addr or "", known_browser=None, at=clock.now())
        if isinstance(attempt, sign_in.Wait):
            words = f"Too many tries. Try again in {attempt.seconds} s."
            return _ask(problem=words), 429, {"Retry-After": str(attempt.seconds)}
        user = queries.user_by_email(email)
        if user is not None and user.is_active and user.locked_at is None and policy().passwords and works():
            token = reset.make_link(user, at=clock.now())
            queue_mail(
                user.email, "A new password for Nightbell", MAIL.format(link=_link(token)), at=clock.now(),
                user=user,
            )  # fmt: skip
    return _ask(sent=True)


@blueprint.get("/forgotten/<token>")
def show(token: str) -> ResponseReturnValue:
    user = reset.person_of(token, at=clock.now())
    return _over() if user is None else _page(token, user)


@blueprint.post("/forgotten/<token>")
def change(token: str) -> ResponseReturnValue:
    user = reset.person_of(token, at=clock.now())
    if user is None:
        return _over()
    password = request.form.get("password", "")
    if problem := users.password_problem(password, email=user.email, name=user.name):
        return _page(token, user, {"password": problem}), 422
    try:
        hashed = passwords.hashed(password)
    except passwords.TooManyHashes as busy:
        return _page(token, user, {"password": str(busy)}), 503
    with transaction():
        user = reset.finish(token, hashed, at=clock.now())
        if user is None:
            return _over()
        news.way_in(user, "Your password was set anew by a link", at=clock.now())
        if code_app.is_set_up(user):
            return ask_for_code(user, "/")
        return let_in(user, "/", factors=1)


@blueprint.post("/users/<int:number>/reset")
@needs(Act.MANAGE_PEOPLE)
def make_link(number: int) -> ResponseReturnValue:
    """A link for somebody who is shut out, shown this once. Their way in changes only when they use it."""
    with transaction():
        user = db.session.get(User, number)
        if user is None or not user.is_active:
            raise NotFound
        token = reset.make_link(
            user, at=clock.now(), by=viewer(), forgets_second_factor=request.form.get("second_factor") == "yes"
        )
        return render_template("doors/reset_link.html", person=user, link=_link(token))


def _link(token: str) -> str:
    return f"{current_app.config['settings'].base_url}{url_for('reset.show', token=token)}"


def _ask(*, sent: bool = False, problem: str | None = None) -> str:
    return render_template("doors/forgotten.html", sent=sent, problem=problem, mail_works=works())


def _page(token: str, user: User, problems: dict[str, str] | None = None) -> str:
    return render_template(
        "doors/reset.html", token=token, person=user, problems=problems or {}, shortest=passwords.SHORTEST
    )


def _over() -> ResponseReturnValue:
    return render_template("doors/reset_over.html"), 410
