"""Destinations and posts as the API shows them: never with what could write there."""

from typing import Any

from app.paging.destinations import models
from app.web.api.shapes import destinations as shapes


def destination(row: models.Destination) -> shapes.Destination:
    return shapes.Destination(**_facts(row))


def new_webhook(row: models.Destination, secret: str) -> shapes.NewWebhook:
    return shapes.NewWebhook(**_facts(row), secret=secret)


def post(row: models.Post) -> shapes.Post:
    return shapes.Post(
        id=str(row.id), event=row.event, title=row.title, state=row.state, attempts=row.attempts,
        next_attempt_at=row.next_attempt_at, error=row.error, created_at=row.created_at,
        accepted_at=row.accepted_at, data=row.data,
    )  # fmt: skip


def _facts(row: models.Destination) -> dict[str, Any]:
    return {
        "id": str(row.id), "kind": row.kind, "name": row.name,
        "team_id": None if row.team_id is None else str(row.team_id), "host": row.host,
        "events": [str(each) for each in row.events], "room": row.room, "template": row.template,
        "created_at": row.created_at, "last_ok_at": row.last_ok_at, "failing_since": row.failing_since,
        "last_error": row.last_error, "disabled_at": row.disabled_at, "disabled_because": row.disabled_because,
    }  # fmt: skip
