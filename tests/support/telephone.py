"""A telephone provider on loopback, as strict as Twilio: its account, its fields, numbers in E.164."""

import base64
import json
import re
import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import parse_qs

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.paging.channels.twilio import signature_of
from tests.support.far_end import Came, FarEnd, Says

ACCOUNT, SECRET, SENDER = "AC0123456789abcdef", "a token of the account", "+442079460000"
E164 = re.compile(r"\+[1-9]\d{6,14}")
FIELDS = {
    "Messages": ({"From", "To", "Body"}, {"StatusCallback"}),
    "Calls": ({"From", "To", "Twiml"}, {"StatusCallback", "Timeout"}),
}


class Telephone(FarEnd):
    """`texts` and `calls` hold the fields of what it took. `settings` are those of an app that uses it."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[dict[str, str]] = []
        self.calls: list[dict[str, str]] = []
        self.forget()

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "twilio_account_sid": ACCOUNT, "twilio_auth_token": SECRET, "twilio_from": SENDER,
            "twilio_url": self.url,
        }  # fmt: skip

    def forget(self) -> None:
        super().forget()
        self.texts.clear()
        self.calls.clear()
        self.judge = self._judge

    def _judge(self, came: Came) -> Says:
        place = re.fullmatch(r"/2010-04-01/Accounts/(\w+)/(Messages|Calls)\.json", came.path)
        if place is None or place[1] != ACCOUNT:
            return fault(404, 20404)
        right = base64.b64encode(f"{ACCOUNT}:{SECRET}".encode()).decode()
        if came.headers.get("authorization") != f"Basic {right}":
            return fault(401, 20003)
        if came.headers.get("content-type") != "application/x-www-form-urlencoded":
            return fault(400, 21100)
        given = parse_qs(came.body.decode(), keep_blank_values=True, strict_parsing=True)
        required, optional = FIELDS[place[2]]
        fields = {name: values[0] for name, values in given.items()}
        if not required <= set(given) <= required | optional or any(len(each) > 1 for each in given.values()):
            return fault(400, 21602)
        if fields["From"] != SENDER or not E164.fullmatch(fields["To"]):
            return fault(400, 21211)
        if place[2] == "Calls":
            if ET.fromstring(fields["Twiml"]).tag != "Response" or len(fields["Twiml"]) > 4000:
                return fault(400, 12100)
            self.calls.append(fields)
        else:
            if not 1 <= len(fields["Body"]) <= 1600:
                return fault(400, 21617)
            self.texts.append(fields)
        return Says(201, json.dumps({"sid": f"SM{len(self.came):032}", "status": "queued"}).encode())


def fault(status: int, code: int) -> Says:
    told = {
        "code": code,
        "message": "…",
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return Says(status, json.dumps(told).encode(), {"Content-Type": "application/json"})


def tells(client: FlaskClient, base_url: str, path: str, secret: str = SECRET, **fields: str) -> TestResponse:
    """The provider calls us, signed with its account's token (or with another)."""
    signature = signature_of(f"{base_url}{path}", {name: [value] for name, value in fields.items()}, secret)
    return client.post(path, data=fields, headers={"X-Twilio-Signature": signature})
