"""What a person says of themselves to the others, and the hours they are asleep or want quiet."""

from collections.abc import Sequence
from datetime import datetime

from app.domain import daily
from app.domain.daily import DailyHours
from app.domain.invalid import Faults
from app.domain.text import one_line
from app.domain.timeline import Kind, Subject
from app.people import queries
from app.people.models import User
from app.timeline.record import record

LONGEST_TITLE = 100
MOST_SKILLS = 20
LONGEST_SKILL = 40


def change_profile(
    user: User,
    *,
    title: str,
    skills: str | Sequence[str],
    quiet: tuple[str, str],
    sleep: tuple[str, str],
    by: User,
    at: datetime,
) -> None:
    """Keep what was typed: `skills` separated by commas, hours as pairs of wall times. Raises InvalidField."""
    faults = Faults()
    if len(title.strip()) > LONGEST_TITLE:
        faults.add("/title", f"At most {LONGEST_TITLE} characters.")
    words = tags(skills, "/skills", faults)
    hours = {
        "quiet_hours": _hours(quiet, "/quiet_from", faults),
        "sleep_hours": _hours(sleep, "/sleep_from", faults),
    }
    faults.stop_if_any()
    wanted = {
        "title": one_line(title),
        "skills": words,
        **{name: one and one.kept() for name, one in hours.items()},
    }
    changed = sorted(name for name, value in wanted.items() if getattr(user, name) != value)
    for name in changed:
        setattr(user, name, wanted[name])
    if changed:
        record(Kind.CHANGED, Subject.USER, user.id, at=at, by=by, changed=changed)


def quiet_hours(user: User) -> DailyHours | None:
    """When what is of low urgency waits, in the person's own zone; what is of high urgency never does."""
    return daily.of_row(user.quiet_hours)


def sleep_hours(user: User) -> DailyHours | None:
    """When the person sleeps: for fairness and for warnings, it holds nothing back."""
    return daily.of_row(user.sleep_hours)


def hides_lock_screen_text(user: User) -> bool:
    """Whether a locked screen of theirs says only that there is news (SEC-8): by their wish, or for all."""
    return user.hide_lock_screen_text or hidden_for_all()


def hidden_for_all() -> bool:
    """Whether the organisation hides what pages say on every lock screen."""
    organisation = queries.organisation()
    return organisation is not None and organisation.hide_lock_screen_text


def tags(said: str | Sequence[str], pointer: str, faults: Faults) -> list[str]:
    """Words separated by commas, each once, as they were first written."""
    parts = said.split(",") if isinstance(said, str) else said
    found: dict[str, str] = {}
    for part in parts:
        if word := one_line(part):
            found.setdefault(word.casefold(), word)
    if len(found) > MOST_SKILLS or any(len(word) > LONGEST_SKILL for word in found.values()):
        faults.add(pointer, f"At most {MOST_SKILLS}, each of at most {LONGEST_SKILL} characters.")
    return list(found.values())


def _hours(typed: tuple[str, str], pointer: str, faults: Faults) -> DailyHours | None:
    try:
        return daily.read(*typed)
    except daily.NoSuchHours as wrong:
        faults.add(pointer, str(wrong))
        return None
