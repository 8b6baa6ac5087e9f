"""Write a part of a postmortem: saved at every pause, by several people at once, and no word is lost."""

from datetime import datetime, timedelta

from app.database import db
from app.domain import both_texts
from app.domain.invalid import InvalidField
from app.domain.lifecycle import InvalidTransition
from app.domain.text import prose
from app.domain.timeline import Kind, Subject
from app.domain.words import PostmortemPart, PostmortemState
from app.learning import queries
from app.learning.models import Postmortem, PostmortemText
from app.people.models import User
from app.timeline.record import record

LONGEST = 50_000  # characters of a part
SITTING = timedelta(minutes=10)  # what one person saves within it is one change in the audit log


class SamePlace(InvalidTransition):
    """Somebody changed the same paragraph meanwhile: nothing was saved. `theirs` is how the part reads now,
    `both` holds the words of both.
    """

    def __init__(self, theirs: PostmortemText, both: str) -> None:
        who = theirs.by.name if theirs.by is not None else "Somebody"
        super().__init__(f"{who} changed the same paragraph while you were writing.")
        self.theirs, self.both = theirs, both


def write(
    postmortem: Postmortem, part: PostmortemPart, text: str, *, seen: int, by: User, at: datetime
) -> PostmortemText:
    """Keep the text; `seen` is the number of the one that the writer began from. Answers how it reads now.

    What others wrote elsewhere in the part meanwhile stays. Raises SamePlace where both changed one paragraph,
    InvalidField where it is too long, InvalidTransition once it is published.
    """
    if postmortem.state is PostmortemState.PUBLISHED:
        raise InvalidTransition("It is published. Revise it first, then write.")
    if len(text) > LONGEST:
        raise InvalidField([("/text", "That is longer than 50,000 characters. Link to what is long.")])
    words, now = prose(text, limit=LONGEST), queries.texts(postmortem)[part]
    if words == now.text:
        return now
    if seen != now.number:
        base = queries.version(postmortem, part, seen)
        began = "" if base is None else base.text
        both = both_texts.merged(began, words, now.text)
        if both is None:
            raise SamePlace(now, both_texts.together(began, words, now.text))
        words = both
    if words == now.text:
        return now
    made = PostmortemText(
        postmortem_id=postmortem.id, part=part, number=now.number + 1, text=words, by_id=by.id, at=at
    )
    made.by = by
    db.session.add(made)
    postmortem.updated_at = at
    db.session.flush()
    if now.by_id != by.id or at - now.at > SITTING:
        record(Kind.CHANGED, Subject.POSTMORTEM, postmortem.id, at=at, by=by, part=part)
    return made
