"""Pages by text and by call. A text is answered with the alert's number, a call with the key 1."""

from datetime import datetime
from html import escape

from app.domain.text import one_line
from app.domain.timeline import Subject
from app.domain.words import PageKind
from app.paging.channels.channel import Message, To
from app.paging.channels.outcome import Outcome
from app.paging.channels.twilio import Twilio

LONGEST_TEXT = 300  # characters of what happened: with the link about three texts' worth
LONGEST_SPEECH = 400


class SmsChannel:
    """`to.address` is a number in E.164."""

    def __init__(self, provider: Twilio) -> None:
        self._provider = provider

    def send(self, message: Message, to: To, at: datetime) -> Outcome:  # noqa: ARG002
        return self._provider.text(
            to.address, _text(message), StatusCallback=f"{message.base_url}/twilio/status/{message.token}"
        )

    def close(self) -> None:
        self._provider.close()


class VoiceChannel:
    """`to.address` is a number in E.164."""

    def __init__(self, provider: Twilio) -> None:
        self._provider = provider

    def send(self, message: Message, to: To, at: datetime) -> Outcome:  # noqa: ARG002
        return self._provider.call(
            to.address, _script(message), Timeout="25",
            StatusCallback=f"{message.base_url}/twilio/status/{message.token}",
        )  # fmt: skip

    def close(self) -> None:
        self._provider.close()


def _text(message: Message) -> str:
    says = one_line(message.says, limit=LONGEST_TEXT)
    reply = f"Reply {message.subject_id} to acknowledge, or open" if _is_of_alert(message) else "Open"
    if message.kind is PageKind.DRILL:
        reply = "Reply ok if you read this, or open"
    return f"{'New page.' if message.hides else says}\n{reply} {message.link}"


def _script(message: Message) -> str:
    """What the call says, twice, and where a pressed key is told to."""
    says = one_line(message.says, limit=LONGEST_SPEECH)
    spoken = f"<Say>Nightbell. {'You have a new page' if message.hides else escape(says)}. "
    spoken += (
        f"Press 1 to {'say that you heard it' if message.kind is PageKind.DRILL else 'acknowledge'}.</Say>"
    )
    action = escape(f"{message.base_url}/twilio/voice/{message.token}")
    return (
        f'<Response><Gather numDigits="1" timeout="10" method="POST" action="{action}">'
        f'{spoken}<Pause length="2"/>{spoken}</Gather></Response>'
    )


def _is_of_alert(message: Message) -> bool:
    return message.subject_kind == Subject.ALERT
