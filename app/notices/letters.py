"""Letters that come by the calendar: each carries a link by which its reader ends them, without a sign-in.

The link is made from the person and the installation's key, so nothing secret is kept. Looking at it changes
nothing, since mail scanners look; a mail program may post to it by itself (RFC 8058).
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import replace

from flask import current_app

from app.database import db
from app.domain.notice import CATEGORIES, CATEGORY_OF, NoticeEvent
from app.notices import preferences
from app.people.models import User

# what happened is told by other notices, so that an end to these hides nothing
BY_THE_CALENDAR = frozenset({NoticeEvent.DIGEST, NoticeEvent.WEEK_AHEAD})


def link(user: User, event: NoticeEvent) -> str | None:
    """Where this person ends these letters; None for what does not come by the calendar."""
    if event not in BY_THE_CALENDAR:
        return None
    return f"{current_app.config['settings'].base_url}/letters/{_token(user.id, user.email, event)}"


def find(token: str) -> tuple[User, NoticeEvent] | None:
    """Whose letters this link ends, and which; None for nobody's."""
    number, _, rest = token.partition(".")
    word, _, _ = rest.partition(".")
    if not number.isdecimal() or len(number) > 9 or word not in BY_THE_CALENDAR:
        return None
    user, event = db.session.get(User, int(number)), NoticeEvent(word)
    if user is None or not user.is_active:
        return None
    is_ours = hmac.compare_digest(_token(user.id, user.email, event).encode(), token.encode(errors="replace"))
    return (user, event) if is_ours else None


def are_wanted(user: User, event: NoticeEvent) -> bool:
    """Whether they come still."""
    return event not in preferences.of(user, CATEGORY_OF[event]).off


def end(user: User, event: NoticeEvent) -> None:
    """No more of them, by whatever way; the person's own table of notices says so. Twice is once."""
    _choose(user, event, is_on=False)


def begin_again(user: User, event: NoticeEvent) -> None:
    """Undo of `end`."""
    _choose(user, event, is_on=True)


def _choose(user: User, event: NoticeEvent, *, is_on: bool) -> None:
    category = CATEGORY_OF[event]
    before = preferences.of(user, category)
    off = before.off - {event} if is_on else before.off | {event}
    after = replace(before, off=off)
    preferences.choose(
        user, category, channels=after.channels, on=frozenset(CATEGORIES[category].events) - after.off
    )


def _token(number: int, email: str, event: NoticeEvent) -> str:
    secret = current_app.config["settings"].secret_key.encode()
    digest = hmac.digest(secret, f"letter:{number}:{email}:{event}".encode(), "sha256")
    return f"{number}.{event}.{urlsafe_b64encode(digest).rstrip(b'=').decode()}"
