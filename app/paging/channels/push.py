"""Web Push: a page to one browser on one device, encrypted for it alone."""

from datetime import datetime

from app.paging import payload
from app.paging.channels.channel import Message, To
from app.paging.channels.outcome import Outcome
from app.paging.webpush import WebPush

SHORTEST_TTL = 300  # seconds a push service keeps it for a phone that is off


class PushChannel:
    """`to.address` is the device's endpoint, its keys are the details `p256dh`, `auth` and `vapid_key`."""

    def __init__(self, line: WebPush) -> None:
        self._line = line

    def send(self, message: Message, to: To, at: datetime) -> Outcome:
        push = payload.build(message)
        return self._line.send(
            to.address,
            to.details["p256dh"],
            to.details["auth"],
            push.body,
            ttl=max(SHORTEST_TTL, int((message.until - at).total_seconds())),
            urgency=push.urgency,
            topic=push.topic,
            vapid_key=to.details.get("vapid_key"),
        )

    def close(self) -> None:
        self._line.close()
