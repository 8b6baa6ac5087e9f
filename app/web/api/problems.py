"""What goes wrong, told to programs: RFC 9457 problem details, one table from error to status.

No answer of /api is ever an HTML page. What a person may not see is 404, like what is not there.
"""

import logging
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Response, current_app, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError, TimeoutError
from werkzeug.exceptions import HTTPException

from app.alerts.by_hand import TooManyByHand
from app.domain.invalid import InvalidField, StaleVersion
from app.domain.lifecycle import InvalidTransition
from app.leaving.hand_over import StillHolds
from app.oncall.handoff import NotYours
from app.oncall.override import AlreadyOver
from app.oncall.remove import InUse
from app.oncall.swap_people import CannotTake
from app.paging.try_device import TooManyTests
from app.people.rights import NotAllowed

MEDIA_TYPE = "application/problem+json"

log = logging.getLogger(__name__)


class Problem(Exception):
    """A refusal with a sentence for the human who reads the log of the program that asked.

    `errors` names each field at fault by JSON pointer: `{"pointer": "#/steps/0/wait_minutes", "detail": "…"}`.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: list[dict[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = HTTPStatus(status)
        self.detail = detail
        self.errors = errors
        self.headers = dict(headers or {})


def not_found(noun: str) -> Problem:
    """There is none, or none that this person may see: the answer does not say which."""
    return Problem(404, f"There is no such {noun}.")


def unprocessable(pointer: str, detail: str) -> Problem:
    """One field that does not fit what is there, such as the id of nothing."""
    return Problem(422, "The request does not fit.", errors=[{"pointer": pointer, "detail": detail}])


# From error to status where the sentence is the error's own.
ANSWERS: Mapping[type[Exception], int] = {
    NotAllowed: 403,
    InvalidTransition: 409,
    AlreadyOver: 409,
    InUse: 409,
    NotYours: 403,
    StaleVersion: 412,
}


def as_problem(error: Exception) -> Problem:
    """The problem a program is told for `error`; what nobody foresaw is logged, and a 500 without detail."""
    match error:
        case Problem():
            return error
        case CSRFError():
            return Problem(400, "A change must come from our own pages, or with a token.")
        case HTTPException():
            return _of_http(error)
        case InvalidField():
            return _unfit([(f"#{pointer}", sentence) for pointer, sentence in error.errors])
        case CannotTake():
            return Problem(
                409, str(error),
                errors=[{"pointer": "#", "detail": f"{each.check}: {each.says}"} for each in error.findings],
            )  # fmt: skip
        case StillHolds():
            places = [{"pointer": f"#/hand_over/{held.key}", "detail": held.says} for held in error.duties]
            return Problem(409, str(error), errors=places)
        case TooManyTests() | TooManyByHand():
            wait = str(int(error.wait.total_seconds()) + 1)
            return Problem(429, str(error), headers={"Retry-After": wait})
        case IntegrityError():
            return Problem(
                409, "This does not go together with what is there: a name in use, or something in use."
            )
        case OperationalError() | TimeoutError():
            log.error("the database does not answer: %s", error)
            return Problem(503, "The database does not answer. Try again soon.", headers={"Retry-After": "5"})
    for kind, status in ANSWERS.items():
        if isinstance(error, kind):
            return Problem(status, str(error))
    return Problem(500, f"Something went wrong here. It has been logged, ref {logged(error)}.")


def logged(error: Exception) -> str:
    """Write what nobody foresaw into the log, and answer the reference under which it stands there (SEC-27)."""
    reference = secrets.token_hex(4).upper()
    log.error(
        "%s at %s failed, ref %s", request.method, request.endpoint or "no route", reference, exc_info=error
    )
    return reference


def _unfit(errors: list[tuple[str, str]]) -> Problem:
    return Problem(
        422,
        "The request does not fit.",
        errors=[{"pointer": pointer, "detail": sentence} for pointer, sentence in errors],
    )


def _of_http(error: HTTPException) -> Problem:
    status = error.code or 500
    kept = {name: text for name, text in error.get_headers() if name in _KEPT_HEADERS}
    return Problem(status, _SENTENCES.get(status, error.description or ""), headers=kept)


def answer(error: Exception) -> Response:
    """The problem as a response."""
    problem = as_problem(error)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.status.phrase,
        "status": problem.status.value,
        "detail": problem.detail,
        "instance": request.path,
    }
    if problem.errors:
        body["errors"] = problem.errors
    return Response(
        current_app.json.dumps(body), problem.status.value, headers=problem.headers, content_type=MEDIA_TYPE
    )


_KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")
_SENTENCES = {
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    413: "The body is larger than 1 MiB.",
}
