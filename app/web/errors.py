"""The one table from an error to a status and its words: a page for people, problem+json for programs."""

from http import HTTPStatus

from flask import Flask, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.domain.lifecycle import InvalidTransition
from app.people.rights import NotAllowed
from app.web.api import problems

PROGRAMS = ("/api/", "/v2/", "/intake", "/r/", "/ping/")  # paths that programs speak to

API = "/api/"  # answers errors itself, with all that RFC 9457 and RFC 9110 promise to programs

# status -> what is, what to do
WORDS = {
    400: ("That could not be read", "Go back and try again."),
    401: ("Your login ended", "Sign in, then do this again."),
    403: ("You may not do this", "Ask a manager of the team."),
    404: ("There is nothing here", "It may have been removed, or it belongs to somebody else."),
    405: ("Not this way", "This address does not take that."),
    409: ("Not done", "Somebody was faster. Look at how it stands now."),
    413: ("Too large", "Send less at once."),
    429: ("Too often", "Wait a minute, then try again."),
    500: ("Something broke here", "Nothing was changed. Try again."),
    503: ("Not ready", "The database does not answer. Try again."),
}


class NotFound(Exception):
    """There is no such thing, or not for this person; nobody is told which."""


def register(app: Flask) -> None:
    """Answer every error of `app` in words, never with a stack trace."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _from_elsewhere)
    app.register_error_handler(InvalidTransition, lambda error: _answer(409, str(error)))
    app.register_error_handler(NotAllowed, lambda error: _answer(403, str(error)))
    app.register_error_handler(NotFound, lambda _: _answer(404))
    app.register_error_handler(Exception, _unexpected)


def _http(error: HTTPException) -> ResponseReturnValue:
    if request.path.startswith(API):
        return problems.answer(error)
    return _answer(error.code or 500, error.description)


def _from_elsewhere(error: CSRFError) -> ResponseReturnValue:
    if request.path.startswith(API):
        return problems.answer(error)
    return _answer(
        400, "This page was open too long, or the form came from elsewhere. Load it again, then press."
    )


def _unexpected(error: Exception) -> ResponseReturnValue:
    if request.path.startswith(API):
        return problems.answer(error)
    return _answer(500, f"Nothing was changed. Try again. ref {problems.logged(error)}")


def _answer(status: int, detail: str | None = None) -> tuple[Response | str, int]:
    says, otherwise = WORDS.get(status, (HTTPStatus(status).phrase, "Go back and try again."))
    if request.path.startswith(PROGRAMS):
        problem = jsonify(type="about:blank", title=says, status=status, detail=detail or otherwise)
        problem.mimetype = "application/problem+json"
        return problem, status
    # werkzeug's own sentences speak of URLs and servers; ours are for people
    ours = detail if detail and status in (400, 403, 409, 500) else otherwise
    return render_template("errors/problem.html", status=status, says=says, detail=ours), status
