"""Requests as they were received, for people with rights to see what a source really said."""

import json
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from app.alerts.models import RawRequest
from app.alerts.sources.document import Json
from app.database import db

LARGEST = 256 * 1024

_INSERT = sa.insert(cast(sa.Table, RawRequest.__table__))  # the table, not the class: nothing is loaded back


def keep(
    integration_id: int,
    *,
    body: bytes,
    document: Json,
    content_type: str,
    key: str,
    alert_count: int,
    at: datetime,
) -> None:
    """Keep the inflated body, at most `LARGEST` bytes of it, without the key that may be in it (SEC-4)."""
    db.session.execute(
        _INSERT,
        {
            "integration_id": integration_id,
            "received_at": at,
            "content_type": content_type[:255].replace("\x00", " "),
            "body": without_key(body, document, key)[:LARGEST],
            "alert_count": alert_count,
        },
    )


def without_key(body: bytes, document: Json, key: str) -> bytes:
    """The body with the key cut to its first characters, however the sender wrote it."""
    shown = f"{key[:8]}…"
    kept = body.replace(key.encode(errors="replace"), shown.encode())
    if kept == body and isinstance(document, dict) and document.get("routing_key") == key:
        # The key is there but in another spelling, such as \u0041.
        kept = json.dumps(document | {"routing_key": shown}).encode()
    return kept
