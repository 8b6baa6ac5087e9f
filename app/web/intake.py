"""Where monitoring tools knock: PagerDuty's Events API v2, and one address per integration.

Whatever is sent, the answer is JSON and never a 500: what the sender did wrong is a 4xx in words, and what went
wrong here is a 503 that asks it to try again, because nothing of the request was kept (INV-1).
"""

import json
import logging
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request

from app import clock
from app.alerts import integrations, raw_requests
from app.alerts.integrations import Door
from app.alerts.receive import Received, receive
from app.alerts.sources import body as bodies
from app.alerts.sources import events_v2
from app.alerts.sources.batch import IntegrationFacts, ParsedBatch
from app.alerts.sources.document import Json
from app.alerts.sources.kinds import PARSERS, Kind
from app.alerts.sources.mapping import Mapping
from app.alerts.sources.problem import Problem
from app.database import transaction
from app.domain import timeline
from app.paging import canary
from app.timeline.record import record
from app.web import bounded_body, pace

LIMIT = 1024 * 1024
EVENTS_LIMIT = 512_000
RETRY_AFTER_SECONDS = "5"

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

View = Callable[..., Response]

blueprint = Blueprint("intake", __name__)
log = logging.getLogger(__name__)


class Refused(Exception):
    """The request is not taken: a status, a sentence, and each thing to mend; `wait` is in seconds."""

    def __init__(
        self, status: int, detail: str, problems: tuple[Problem, ...] = (), *, wait: int | None = None
    ) -> None:
        super().__init__(detail)
        self.wait = wait
        self.status = HTTPStatus(status)
        self.detail = detail
        self.problems = problems


def answered_by(refuse: Callable[[Refused], Response]) -> Callable[[View], View]:
    """Let a view raise whatever happens and answer it as its senders expect, by `refuse`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(**arguments: str) -> Response:
            try:
                if request.method != "POST":
                    raise Refused(405, "only POST is understood here")
                return view(**arguments)
            except Refused as refused:
                return refuse(refused)
            except Exception:
                # The address is not logged: it may hold the key.
                log.exception("an alert could not be taken at %s", request.endpoint)
                return refuse(Refused(503, "nothing of this could be stored; send it again"))

        return answer

    return decorate


def as_pagerduty(refused: Refused) -> Response:
    """The refusal as clients of Events API v2 read it."""
    errors = [problem.detail for problem in refused.problems] or [refused.detail]
    invalid = refused.status < HTTPStatus.INTERNAL_SERVER_ERROR
    return _json(
        refused.status,
        {
            "status": "invalid event" if invalid else "error",
            "message": "Event object is invalid" if invalid else refused.detail,
            "errors": errors,
        },
        headers=_headers(refused),
    )


def as_problem(refused: Refused) -> Response:
    """The refusal as RFC 9457 problem details. The address is left out: it may hold the key."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": refused.status.phrase,
        "status": refused.status.value,
        "detail": refused.detail,
    }
    if refused.problems:
        body["errors"] = _told(refused.problems)
    return _json(refused.status, body, mimetype="application/problem+json", headers=_headers(refused))


@blueprint.route("/v2/enqueue", methods=METHODS)
@answered_by(as_pagerduty)
def enqueue() -> Response:
    """Events API v2: one trigger, acknowledge or resolve; the routing key is in the body."""
    body = _body(EVENTS_LIMIT)
    document = _document(body)
    key, door = _routed(document)
    parsed = events_v2.parse(document, IntegrationFacts(door.name))
    if parsed.problems:
        raise Refused(400, "Event object is invalid", parsed.problems)
    (taken,) = _take(door, parsed, body=body, document=document, key=key)
    return _json(
        HTTPStatus.ACCEPTED,
        {"status": "success", "message": "Event processed", "dedup_key": taken.dedup_key},
    )


@blueprint.route("/v2/change/enqueue", methods=METHODS)
@answered_by(as_pagerduty)
def enqueue_change() -> Response:
    """Events API v2: a change, shown on the service's timeline. It pages nobody."""
    body = _body(EVENTS_LIMIT)
    document = _document(body)
    key, door = _routed(document)
    change = events_v2.parse_change(document)
    if isinstance(change, tuple):
        raise Refused(400, "Event object is invalid", change)
    with transaction():
        at = clock.now()
        record(
            timeline.Kind.CHANGE,
            timeline.Subject.SERVICE,
            door.service_id,
            at=at,
            summary=change.summary,
            changed_at=change.changed_at.isoformat() if change.changed_at else None,
            source=change.source,
            links=[{"href": link.href, "text": link.text} for link in change.links],
            details=change.details,
            integration_id=door.id,
        )
        integrations.note_use(door, at=at)
        _keep(door, body=body, document=document, key=key, alert_count=0, at=at)
    return _json(HTTPStatus.ACCEPTED, {"status": "success", "message": "Change event processed"})


@blueprint.route("/intake", methods=METHODS, defaults={"key": ""}, strict_slashes=False)
@blueprint.route("/intake/<key>", methods=METHODS, strict_slashes=False)
@answered_by(as_problem)
def receive_alerts(key: str) -> Response:
    """An integration's own address, read as its kind says. The key may come in the Authorization header."""
    if canary.opens(key):
        return _take_canary()
    key, door = _admitted(key)
    if door.kind not in PARSERS:
        raise Refused(404, "a heartbeat is pinged at /ping/, and takes no alerts")
    body = _body(LIMIT)
    document = _document(body)
    mapping = None if door.mapping is None else Mapping.of(door.mapping)
    parsed = PARSERS[Kind(door.kind)](document, IntegrationFacts(door.name, mapping))
    if parsed.is_refused:
        raise Refused(422, "nothing in the request is an alert", parsed.problems)
    taken = _take(door, parsed, body=body, document=document, key=key)
    return _json(
        HTTPStatus.ACCEPTED,
        {
            "status": "accepted",
            "alerts": [_became(received) for received in taken],
            "ignored": parsed.ignored,
            "problems": _told(parsed.problems),
        },
    )


def _take_canary() -> Response:
    """The engine's own synthetic event (D3): no alert, and on disk before it is answered, as an alert is."""
    document = _document(_body(LIMIT))
    with transaction():
        if not canary.take(document.get("canary") if isinstance(document, dict) else None, at=clock.now()):
            raise Refused(422, "this is no canary")
    return _json(HTTPStatus.ACCEPTED, {"status": "accepted", "alerts": [], "ignored": 0, "problems": []})


def _body(limit: int) -> bytes:
    """The request's body, inflated, never more than `limit` bytes of either."""
    try:
        return bodies.inflate(
            bounded_body.read(limit), request.headers.get("Content-Encoding", ""), limit=limit
        )
    except bodies.BodyTooLarge as error:
        raise Refused(413, f"the body is over {limit:,} bytes") from error
    except bodies.UnreadableBody as error:
        raise Refused(400, str(error)) from error
    except bodies.UnknownFormat as error:
        raise Refused(415, str(error)) from error


def _document(body: bytes) -> Json:
    try:
        return bodies.read(body, request.headers.get("Content-Type", ""))
    except bodies.UnreadableBody as error:
        raise Refused(400, str(error)) from error
    except bodies.UnknownFormat as error:
        raise Refused(415, str(error)) from error


def _routed(document: Json) -> tuple[str, Door]:
    """The integration the document's routing key names."""
    key = events_v2.routing_key(document)
    if key is None:
        length = events_v2.ROUTING_KEY_LENGTH
        raise Refused(
            400,
            "Event object is invalid",
            (Problem("#/routing_key", f"'routing_key' must be a string of {length} characters"),),
        )
    door = integrations.find_by_key(key, at=clock.now())
    if door is None or door.kind != Kind.EVENTS_V2:
        raise Refused(
            400, "Event object is invalid", (Problem("#/routing_key", "'routing_key' is not known here"),)
        )
    _pace(door)
    return key, door


def _admitted(key: str) -> tuple[str, Door]:
    """The integration whose key is in the address or, when there is none, in the Authorization header."""
    for candidate in (key, *_credentials()):
        if candidate and (door := integrations.find_by_key(candidate, at=clock.now())):
            _pace(door)
            return candidate, door
    if key:
        raise Refused(404, "there is no integration with this key")
    raise Refused(401, "send the integration's key in the address or as a Bearer token")


def _pace(door: Door) -> None:
    if (wait := pace.wait_for(door)) is not None:
        raise Refused(429, f"over {pace.PER_KEY.amount:,} requests a minute with one key", wait=wait)


def _credentials() -> tuple[str | None, ...]:
    credential = request.authorization
    if credential is None:
        return ()
    return (credential.token, credential.password, credential.username)


def _take(door: Door, parsed: ParsedBatch, *, body: bytes, document: Json, key: str) -> list[Received]:
    """Store the alerts and the request, all of it or none; answers what became of each."""
    with transaction():
        at = clock.now()
        taken = [receive(alert, door, at=at) for alert in parsed.alerts]
        integrations.note_use(door, at=at)
        _keep(door, body=body, document=document, key=key, alert_count=len(taken), at=at)
    return taken


def _became(received: Received) -> dict[str, Any]:
    """What became of one report. Ids are opaque strings, as everywhere in our JSON."""
    alert_id = None if received.alert_id is None else str(received.alert_id)
    return {"id": alert_id, "dedup_key": received.dedup_key, "outcome": received.outcome}


def _keep(door: Door, *, body: bytes, document: Json, key: str, alert_count: int, at: datetime) -> None:
    raw_requests.keep(
        door.id,
        body=body,
        document=document,
        content_type=request.headers.get("Content-Type", ""),
        key=key,
        alert_count=alert_count,
        at=at,
    )


def _json(
    status: HTTPStatus,
    body: dict[str, Any],
    *,
    mimetype: str = "application/json",
    headers: dict[str, str] | None = None,
) -> Response:
    return Response(json.dumps(body), status, headers, mimetype=mimetype)


def _told(problems: tuple[Problem, ...]) -> list[dict[str, str]]:
    return [{"pointer": problem.pointer, "detail": problem.detail} for problem in problems]


def _headers(refused: Refused) -> dict[str, str]:
    match refused.status:
        case HTTPStatus.UNAUTHORIZED:
            return {"WWW-Authenticate": 'Bearer realm="intake"'}
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return {"Allow": "POST"}
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return {"Retry-After": RETRY_AFTER_SECONDS}
        case HTTPStatus.TOO_MANY_REQUESTS:
            return {"Retry-After": str(refused.wait)}
        case _:
            return {}
