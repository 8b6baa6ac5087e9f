"""The recorded requests of `tests/data/payloads`, and how to send one."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PAYLOADS = Path(__file__).parent.parent / "data" / "payloads"
NAMES = sorted(path.stem for path in PAYLOADS.glob("*.json"))

KINDS = {"pagerduty_v2": "events_v2", "alertmanager": "alertmanager", "generic": "generic"}


def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text())
    return loaded


def body_of(case: dict[str, Any], key: str) -> bytes:
    """The bytes of a recorded request, the key put in its place."""
    if "body_base64" in case:
        body = base64.b64decode(case["body_base64"])
    elif "body_text" in case:
        body = case["body_text"].encode()
    elif "body_gen" in case:
        template = json.dumps(case["body_gen"]["template"])
        body = template.replace("@@BLOB@@", "x" * case["body_gen"]["blob_bytes"]).encode()
    else:
        body = json.dumps(case["body"], ensure_ascii=False).encode()
    body = _keyed(body, key)
    return gzip.compress(body) if "gzip" in case.get("transform", []) else body


def send(client: FlaskClient, case: dict[str, Any], key: str) -> TestResponse:
    """Send a recorded request as its tool did."""
    headers = {name: _keyed(value.encode(), key).decode() for name, value in case["headers"].items()}
    if "gzip" in case.get("transform", []):
        headers["Content-Encoding"] = "gzip"
    return client.open(
        case.get("path", f"/intake/{key}"),
        method=case["method"],
        data=body_of(case, key),
        content_type=case["content_type"],
        headers=headers,
    )


def _keyed(text: bytes, key: str) -> bytes:
    return text.replace(b"{{ROUTING_KEY}}", key.encode()).replace(b"{{API_KEY}}", key.encode())
