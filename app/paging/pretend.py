"""The line of a made-up organisation: everything is accepted, nothing leaves the machine."""

from app.paging.webpush import Accepted, Outcome, WebPush


class PretendPush(WebPush):
    """Says what a push service would say. The demo escalates before a visitor's eyes and wakes nobody."""

    def send(self, *_message: object, **_headers: object) -> Outcome:
        return Accepted(201)
