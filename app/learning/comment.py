"""Say something about a postmortem: its owner hears of it, and whoever it names."""

from datetime import datetime

from app.database import db
from app.domain.lifecycle import InvalidTransition
from app.domain.text import prose
from app.domain.timeline import Kind, Subject
from app.domain.words import PostmortemPart
from app.learning import tell
from app.learning.models import Postmortem, PostmortemComment
from app.people.mentions import named_in
from app.people.models import User
from app.timeline.record import record

LONGEST = 10_000


def comment(
    postmortem: Postmortem, text: str, *, part: PostmortemPart | None = None, by: User, at: datetime
) -> PostmortemComment:
    """About a part, or all of it; also on one that is published. Raises InvalidTransition without words."""
    words = prose(text, limit=LONGEST)
    if not words:
        raise InvalidTransition("A comment needs a word or two.")
    made = PostmortemComment(postmortem_id=postmortem.id, part=part, text=words, by_id=by.id, at=at)
    made.by = by
    db.session.add(made)
    db.session.flush()
    record(Kind.COMMENTED, Subject.POSTMORTEM, postmortem.id, at=at, by=by, comment_id=made.id)
    tell.somebody_says(postmortem, words, named_in(words), by=by, at=at)
    return made
