"""Events to a program of somebody's, signed as Standard Webhooks says (SEC-6)."""

import json
from datetime import datetime

from app.domain import webhook_signature
from app.outbound import Outbound
from app.paging.channels.channel import Message, To
from app.paging.channels.outcome import Outcome
from app.paging.channels.over_http import post

DEADLINE = 15.0  # seconds, as the standard asks: programs may take their time


class SignedWebhookChannel:
    """`to.address` is a web address; `secret`, and while it is changed `previous`, are the details."""

    def __init__(self, client: Outbound) -> None:
        self._client = client

    def send(self, message: Message, to: To, at: datetime) -> Outcome:
        keys = [to.details[name] for name in ("secret", "previous") if name in to.details]
        body = json.dumps(
            {
                "type": message.event,
                "timestamp": at.isoformat().replace("+00:00", "Z"),
                "data": dict(message.data),
            }
        ).encode()
        signed = webhook_signature.headers(body, name=f"msg_{message.delivery}", at=at, keys=keys)
        return post(
            self._client, to.address, refuses="our signature", data=body,
            headers={"Content-Type": "application/json", **signed},
        )  # fmt: skip

    def close(self) -> None:
        self._client.close()
