"""Make, change and end destinations. Their addresses and tokens go in and never come out again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import current_app

from app.database import db
from app.domain import webhook_signature
from app.domain.invalid import InvalidField
from app.domain.text import one_line, prose
from app.domain.timeline import Kind, Subject
from app.domain.words import ChannelKind, PageKind, Urgency
from app.paging.channels import chat
from app.paging.channels.channel import Message
from app.paging.destinations.models import Destination
from app.people import sealed
from app.people.models import Team, User
from app.timeline.record import record

KINDS = (*chat.CHATS, ChannelKind.SIGNED_WEBHOOK)
EVENTS = (
    "alert.triggered", "alert.acknowledged", "alert.resolved", "incident.declared", "incident.status_changed",
    "incident.resolved",
)  # fmt: skip
BOTH_GOOD = timedelta(hours=24)  # how long the secret before it still signs
LONGEST_NAME, LONGEST_TEMPLATE, LONGEST_ROOM, LONGEST_TOKEN = 100, 8000, 100, 500


def create(
    *,
    kind: str,
    name: str,
    team: Team | None,
    address: str,
    events: Sequence[str],
    by: User,
    at: datetime,
    token: str = "",
    room: str = "",
    template: str = "",
) -> tuple[Destination, str | None]:
    """A new one. For a signed webhook also its secret, to be shown once. Raises InvalidField."""
    if kind not in KINDS:
        raise InvalidField([("/kind", f"One of {', '.join(KINDS)}.")])
    which = ChannelKind(kind)
    secret = webhook_signature.new_secret() if which is ChannelKind.SIGNED_WEBHOOK else None
    row = Destination(
        kind=which, name="", team_id=team and team.id, address="", host="", events=[], created_at=at
    )
    _name(row, name)
    _events(row, events)
    _place(row, address, room)
    _template(row, template)
    db.session.add(row)
    db.session.flush()
    _seal(row, address=address.strip(), token=secret or token.strip())
    record(Kind.CREATED, Subject.DESTINATION, row.id, at=at, by=by, what=kind)
    return row, secret


def change(
    row: Destination,
    *,
    by: User,
    at: datetime,
    name: str | None = None,
    events: Sequence[str] | None = None,
    address: str | None = None,
    token: str | None = None,
    room: str | None = None,
    template: str | None = None,
) -> Destination:
    """Change what is given; None stays as it is. One that was disabled works again. Raises InvalidField."""
    if name is not None:
        _name(row, name)
    if events is not None:
        _events(row, events)
    if template is not None:
        _template(row, template)
    if address is not None or room is not None:
        known = address if address is not None else sealed.unseal(row.address, about=_about(row, "address"))
        _place(row, known or "", row.room if room is None else room)
    takes_token = row.kind is not ChannelKind.SIGNED_WEBHOOK
    _seal(row, address=address and address.strip(), token=token if takes_token else None)
    row.disabled_at = row.disabled_because = row.disabled_told_at = row.failing_since = None
    record(Kind.CHANGED, Subject.DESTINATION, row.id, at=at, by=by)
    return row


def new_secret(row: Destination, *, by: User, at: datetime) -> str:
    """A new secret for a signed webhook, to be shown once; the one before signs along for 24 hours."""
    row.previous_token, row.previous_until = row.token and _moved(row), at + BOTH_GOOD
    secret = webhook_signature.new_secret()
    _seal(row, token=secret)
    record(Kind.CHANGED, Subject.DESTINATION, row.id, at=at, by=by, what="secret")
    return secret


def remove(row: Destination, *, by: User, at: datetime) -> None:
    """Nothing more goes there. The row stays, since posts point at it; what could reach the place goes."""
    row.removed_at, row.address, row.token, row.previous_token = at, "", None, None
    record(Kind.DELETED, Subject.DESTINATION, row.id, at=at, by=by)


def details(row: Destination, *, at: datetime) -> tuple[str | None, dict[str, str]]:
    """The address, and what the channel needs besides; None when it cannot be read any more."""
    found = {"room": row.room, "template": row.template}
    token = row.token and sealed.unseal(row.token, about=_about(row, "token"))
    named = "secret" if row.kind is ChannelKind.SIGNED_WEBHOOK else "token"
    found |= {named: token} if token else {}
    if row.previous_token and row.previous_until is not None and at < row.previous_until:
        before = sealed.unseal(row.previous_token, about=_about(row, "previous"))
        found |= {"previous": before} if before else {}
    return sealed.unseal(row.address, about=_about(row, "address")), found


def sample(base_url: str, at: datetime) -> Message:
    """What a test sends."""
    return Message(
        kind=PageKind.TEST, page="0", delivery="0", subject_kind="organisation", subject_id=0,
        title="Test from Nightbell, all is well", body="Nothing is broken.", base_url=base_url,
        expires_at=at, until=at, urgency=Urgency.LOW, severity="info", service="", event="test",
    )  # fmt: skip


def _name(row: Destination, name: str) -> None:
    plain = one_line(name, limit=LONGEST_NAME)
    if not plain:
        raise InvalidField([("/name", "Give it a name people know, such as #checkout.")])
    row.name = plain


def _events(row: Destination, events: Sequence[str]) -> None:
    unknown = [each for each in events if each not in EVENTS]
    if unknown:
        raise InvalidField([("/events", f"Of {', '.join(EVENTS)}.")])
    row.events = [each for each in EVENTS if each in events]


def _place(row: Destination, address: str, room: str) -> None:
    """Whether we may write there is looked at again for each message: names move."""
    plain = address.strip()
    problem = chat.problem_of_address(row.kind, plain)
    if problem is not None:
        raise InvalidField([("/address", problem)])
    from app.web_address import RefusedAddress, target  # what few requests need and takes long to read

    is_token = row.kind is ChannelKind.TELEGRAM and "://" not in plain
    try:
        target(chat.TELEGRAM if is_token else plain, named_hosts=current_app.config["settings"].private_hosts)
    except RefusedAddress as refused:
        raise InvalidField([("/address", f"This cannot be called: {refused}.")]) from refused
    row.host = urlsplit(chat.TELEGRAM if is_token else plain).hostname or ""
    row.room = one_line(room, limit=LONGEST_ROOM)
    if row.kind is ChannelKind.TELEGRAM and not row.room:
        raise InvalidField([("/room", "The number of the chat, or @name of a channel.")])


def _template(row: Destination, template: str) -> None:
    row.template = prose(template, limit=LONGEST_TEMPLATE) if row.kind is ChannelKind.WEBHOOK else ""
    if row.template:
        problem = chat.problem_of(row.template, sample("https://pager.example.com", row.created_at))
        if problem is not None:
            raise InvalidField([("/template", problem)])


def _seal(row: Destination, *, address: str | None = None, token: str | None = None) -> None:
    if address:
        row.address = sealed.seal(address, about=_about(row, "address"))
    if token is not None:
        kept = token.strip()[:LONGEST_TOKEN]
        row.token = sealed.seal(kept, about=_about(row, "token")) if kept else None


def _moved(row: Destination) -> str | None:
    """The present secret, sealed as the one before."""
    plain = row.token and sealed.unseal(row.token, about=_about(row, "token"))
    return sealed.seal(plain, about=_about(row, "previous")) if plain else None


def _about(row: Destination, what: str) -> str:
    return f"destination:{row.id}:{what}"
