"""The one-time link of the first administrator: the names, one way in, and on to the set-up walk (SEC-36)."""

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain.invalid import InvalidField
from app.domain.site import Site, site_of
from app.incidents import response_rules
from app.people import first_run, passkeys, passwords, queries, users
from app.people.sign_in_policy import policy
from app.web.doors import device, time_zones
from app.web.errors import NotFound
from app.web.form import problems_of, typed
from app.web.letting_in import let_in

blueprint = Blueprint("welcome", __name__, url_prefix="/welcome")


@blueprint.get("/<token>")
def show(token: str) -> ResponseReturnValue:
    if not first_run.is_open(token, at=clock.now()):
        return _over()
    return _page(token, {"time_zone": "UTC"})


@blueprint.post("/<token>/passkey/options")
def ask_for_passkey(token: str) -> ResponseReturnValue:
    """What the browser needs to make a passkey for whoever the form says they are."""
    site, said = _site(), request.get_json(silent=True)
    name, email = _text(said, "name"), users.normal_email(_text(said, "email"))
    with transaction():
        if not first_run.is_open(token, at=clock.now()):
            raise NotFound
        if not email:
            return {"title": "Your email comes first."}, 422
        options = passkeys.ask_to_make(site, purpose=passkeys.FIRST, email=email, name=name, at=clock.now())
    return Response(options, mimetype="application/json")


@blueprint.post("/<token>")
def begin(token: str) -> ResponseReturnValue:
    """Come in with the passkey the browser just made. Without one, the password of the same form counts."""
    if not first_run.is_open(token, at=clock.now()):
        return _over()
    answers, answer = typed("organisation", "name", "email", "time_zone"), request.form.get("credential", "")
    problems = first_run.problems_with(**answers)
    if not answer:
        said = {"email": answers["email"], "name": answers["name"]}
        problem = users.password_problem(request.form.get("password", ""), **said)
        problems |= {"password": problem} if problem else {}
    if problems:
        return _page(token, answers, problems), 422
    try:
        return _with_passkey(token, answers, answer) if answer else _with_password(token, answers)
    except InvalidField as invalid:
        return _page(token, answers, problems_of(invalid)), 422
    except passwords.TooManyHashes as busy:
        return _page(token, answers, {"password": str(busy)}), 503


def _with_passkey(token: str, answers: dict[str, str], answer: str) -> ResponseReturnValue:
    site, email = _site(), users.normal_email(answers["email"])
    with transaction():
        key = passkeys.made(answer, site, purpose=passkeys.FIRST, email=email, at=clock.now())
        user = key and first_run.finish(token, **answers, at=clock.now())
        if key and user:
            passkeys.add(user, key, name=device(), at=clock.now())
            response_rules.plant_default(at=clock.now())
            return let_in(user, url_for("setup.show"), factors=2)
    return _over() if key else (_page(token, answers, {"passkey": passkeys.REFUSED}), 422)


def _with_password(token: str, answers: dict[str, str]) -> ResponseReturnValue:
    hashed = passwords.hashed(request.form.get("password", ""))
    with transaction():
        user = first_run.finish(token, **answers, password_hash=hashed, at=clock.now())
        if user is None:
            return _over()
        response_rules.plant_default(at=clock.now())
        return let_in(user, url_for("setup.show"), factors=1)


def _page(token: str, answers: dict[str, str], problems: dict[str, str] | None = None) -> str:
    return render_template(
        "doors/welcome.html",
        token=token,
        answers=answers,
        problems=problems or {},
        organisation=queries.organisation(),
        knows_passkeys=_here() is not None,
        zones=time_zones(),
        shortest=passwords.SHORTEST,
    )


def _over() -> ResponseReturnValue:
    return render_template("doors/over.html"), 410


def _here() -> Site | None:
    """What passkeys are bound to here; None where no browser makes any, or the organisation takes none."""
    return site_of(current_app.config["settings"].base_url) if policy().passkeys else None


def _site() -> Site:
    if (site := _here()) is None:
        raise NotFound
    return site


def _text(said: object, field: str) -> str:
    """A field of the JSON, as far as it is one. What does not fit is refused with the form."""
    value = said.get(field) if isinstance(said, dict) else None
    return value[:LONGEST] if isinstance(value, str) else ""


LONGEST = 254  # characters, of an address
