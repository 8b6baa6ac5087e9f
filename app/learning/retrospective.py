"""The six questions of a review: answered, each beside its evidence, and counted over many (S-69 to S-75)."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.database import db
from app.domain import retrospective as rules
from app.domain.invalid import InvalidField
from app.domain.lifecycle import InvalidTransition
from app.domain.text import prose
from app.domain.timeline import Kind, Subject
from app.domain.words import PostmortemState, Question, Verdict
from app.incidents import access
from app.incidents.models import Incident
from app.learning.models import Postmortem, RetrospectiveAnswer
from app.people.models import User
from app.timeline.record import record


class Changed(InvalidTransition):
    """Somebody answered meanwhile: nothing was saved. `now` is how it reads."""

    def __init__(self, now: RetrospectiveAnswer) -> None:
        super().__init__(f"{now.by.name} answered this meanwhile: {rules.VERDICTS[now.verdict]}. {now.text}")
        self.now = now


def answer(
    postmortem: Postmortem, question: Question, verdict: Verdict, text: str, *, seen: datetime | None,
    by: User, at: datetime,
) -> RetrospectiveAnswer:  # fmt: skip
    """Keep it; `seen` is when the answer that the writer read was given, None where there was none.

    Raises Changed where somebody else answered since, InvalidField where it is too long.
    """
    if len(text) > rules.LONGEST:
        raise InvalidField([("/text", "That is longer than 4,000 characters.")])
    now = answers(postmortem).get(question)
    words = prose(text, limit=rules.LONGEST)
    if now is not None and (now.verdict, now.text) == (verdict, words):
        return now
    if now is not None and now.by_id != by.id and now.at != seen:
        raise Changed(now)
    if now is None:
        now = RetrospectiveAnswer(postmortem_id=postmortem.id, question=question)
    now.by_id, now.verdict, now.text, now.at = by.id, verdict, words, at
    now.by = by
    postmortem.updated_at = at
    db.session.add(now)
    db.session.flush()
    record(
        Kind.CHANGED, Subject.POSTMORTEM, postmortem.id, at=at, by=by, part=f"question: {question}",
        verdict=str(verdict),
    )  # fmt: skip
    return now


def answers(postmortem: Postmortem) -> dict[Question, RetrospectiveAnswer]:
    rows = sa.select(RetrospectiveAnswer).where(RetrospectiveAnswer.postmortem_id == postmortem.id)
    found = db.session.scalars(rows.options(joinedload(RetrospectiveAnswer.by)))
    return {each.question: each for each in found}


def counted(user: User, *, since: datetime) -> Mapping[Question, Mapping[Verdict, int]]:
    """What reviews of incidents resolved since then answered, of those that this person may read (S-75)."""
    seen = sa.select(Incident.id).where(access.incidents_seen_by(user), Incident.resolved_at >= since)
    rows = sa.select(RetrospectiveAnswer.question, RetrospectiveAnswer.verdict, sa.func.count()).join(
        Postmortem, Postmortem.id == RetrospectiveAnswer.postmortem_id
    )
    published = rows.where(Postmortem.state == PostmortemState.PUBLISHED, Postmortem.id.in_(seen))
    found = {question: dict.fromkeys(Verdict, 0) for question in Question}
    for question, verdict, count in db.session.execute(
        published.group_by(RetrospectiveAnswer.question, RetrospectiveAnswer.verdict)
    ):
        found[question][verdict] = count
    return found
