"""What the engine does for learning. One incident that fails holds up none of the others."""

import logging
from datetime import datetime, timedelta

from app import clock
from app.database import transaction
from app.engine.errand import Errand
from app.learning import actions, digest, meeting, notebook
from app.learning import open as opening

log = logging.getLogger(__name__)

AGAIN_AFTER = timedelta(hours=1)
_failed: dict[int, datetime] = {}  # incident -> when it is tried again
_notebooks = Errand("review-notebooks")


def open_postmortems() -> int:
    """What was resolved and is bad enough gets its postmortem."""
    with transaction():
        due = opening.due(clock.now())
    return sum(_one(number) for number in due if _failed.get(number, clock.now()) <= clock.now())


def _one(number: int) -> bool:
    try:
        with transaction():
            return opening.open_one(number, at=clock.now())
    except Exception:
        log.exception("the postmortem of incident %s could not be opened", number)
        _failed[number] = clock.now() + AGAIN_AFTER
        return False


def run_review_notebooks() -> int:
    """Review notebooks that somebody asked for are run beside the engine."""
    return int(notebook.waits(clock.now()) and _notebooks.start())


def remind_of_actions() -> int:
    """Owners are reminded of what they promised, and managers of what is late."""
    with transaction():
        due = actions.reminders_due(clock.now())
    return sum(_one_reminder(number) for number in due)


def tell_of_the_week() -> int:
    """On Monday morning everybody is told of the week of their teams."""
    with transaction():
        return digest.tell_week(clock.now())


def remind_of_reviews() -> int:
    """Who is invited to a review hears of it an hour before."""
    with transaction():
        return meeting.remind_due(clock.now())


def _one_reminder(number: int) -> bool:
    try:
        with transaction():
            return actions.remind(number, at=clock.now())
    except Exception:
        log.exception("nobody could be reminded of action %s", number)
        return False
