"""`/healthz`: this process answers. `/readyz`: a page would go out - database, schema and engine are there."""

from datetime import timedelta

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from app import clock, migrations
from app.paging.health import seen_at

blueprint = Blueprint("health", __name__)

ENGINE_SEEN_WITHIN = timedelta(seconds=60)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    return _answer({"process": None})


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """What stands in the way, in words, for each part; 503 when anything does."""
    try:
        here, wanted, seen, now = migrations.current(), migrations.head(), seen_at(), clock.now()
    except SQLAlchemyError:
        return _answer({"database": "does not answer"})
    schema = None if here == wanted else f"is at {here or 'nothing'}, this code wants {wanted}"
    late = seen is None or now - seen > ENGINE_SEEN_WITHIN
    engine = f"last seen {seen.isoformat() if seen else 'never'}" if late else None
    return _answer({"database": None, "schema": schema, "engine": engine})


def _answer(parts: dict[str, str | None]) -> ResponseReturnValue:
    ready = not any(parts.values())
    answer = jsonify(
        status="ok" if ready else "unavailable", checks={name: why or "ok" for name, why in parts.items()}
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer, 200 if ready else 503
