"""Say accept, not now or never to a recommendation. Nothing is applied by itself: the draft is kept with its
evidence.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.database import db
from app.domain.invalid import InvalidField
from app.domain.text import one_line
from app.domain.timeline import Kind, Subject
from app.domain.words import Choice
from app.people.models import User
from app.timeline.record import record
from app.trends.models import RecommendationChoice

LONGEST_REASON = 500  # characters


def choose(
    recommendation: Mapping[str, Any], choice: Choice, reason: str, *, by: User, at: datetime
) -> RecommendationChoice:
    """Keep what `by` said. Never needs a reason, so that whoever comes later knows why. The same word again
    changes nothing.

    Raises InvalidField for a never without a reason.
    """
    said = one_line(reason, limit=LONGEST_REASON)
    if choice is Choice.NEVER and not said:
        raise InvalidField([("/reason", "Say why, so that nobody has to ask again.")])
    key = f"{recommendation['kind']}:{recommendation['subject']}"
    known = latest().get(key)
    if known is not None and (known.choice, known.reason) == (choice, said):
        return known
    made = RecommendationChoice(
        key=key, title=str(recommendation["title"]), choice=choice, reason=said,
        recommendation=dict(recommendation), chosen_by_id=by.id, chosen_at=at,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    record(Kind.CHOSEN, Subject.RECOMMENDATION, made.id, at=at, by=by, key=key, choice=str(choice), reason=said)
    return made


def latest() -> dict[str, RecommendationChoice]:
    """What was said last to each recommendation, by its key."""
    newest = sa.select(sa.func.max(RecommendationChoice.id)).group_by(RecommendationChoice.key)
    rows = db.session.scalars(sa.select(RecommendationChoice).where(RecommendationChoice.id.in_(newest)))
    return {row.key: row for row in rows}
