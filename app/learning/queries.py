"""Questions about postmortems, and who may read and write one: it sits on `incidents.access` (SEC-16)."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.database import db
from app.domain import postmortem as rules
from app.domain.words import PostmortemPart, PostmortemState
from app.incidents import access
from app.incidents.models import Incident
from app.learning.models import Postmortem, PostmortemComment, PostmortemEntry, PostmortemText
from app.people.models import User
from app.people.rights import Act, may


@dataclass(frozen=True)
class Rights:
    """What one person may do with one postmortem."""

    writes: bool
    publishes: bool
    gives_away: bool


def seen_by(user: User) -> sa.ColumnElement[bool]:
    """The postmortems a person may read: of incidents they see; whoever only looks on, published ones."""
    of_seen = Postmortem.id.in_(sa.select(Incident.id).where(access.incidents_seen_by(user)).correlate(None))
    if may(user, Act.SEE_OPERATIONS):
        return of_seen
    return sa.and_(of_seen, Postmortem.state == PostmortemState.PUBLISHED)


def rights_of(user: User, postmortem: Postmortem) -> Rights:
    is_owner = postmortem.owner_id == user.id and may(user, Act.SEE_OPERATIONS)
    works = access.may_work(user, postmortem.incident)
    manages = works and may(user, Act.MANAGE_TEAM, team_id=postmortem.incident.team_id)
    return Rights(
        writes=works or is_owner,
        publishes=rules.may_publish(is_owner=is_owner, manages=manages),
        gives_away=rules.may_give_away(
            is_owner=is_owner, manages=manages, works=works,
            has_owner=postmortem.owner is not None and postmortem.owner.is_active,
        ),
    )  # fmt: skip


def shown(number: int, user: User) -> Postmortem | None:
    """The postmortem of incident `number`; None where there is none, or not for this person."""
    return db.session.scalars(
        sa.select(Postmortem)
        .where(Postmortem.id == number, seen_by(user))
        .options(joinedload(Postmortem.owner))
    ).one_or_none()


def locked(number: int) -> Postmortem | None:
    """The same for changing. Take the time of the change after this."""
    return db.session.scalars(
        sa.select(Postmortem).where(Postmortem.id == number).with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()  # fmt: skip


def newest_first(user: User, *, limit: int = 200) -> Sequence[Postmortem]:
    """Those a person may read: what is not published yet first."""
    rows = sa.select(Postmortem).where(seen_by(user)).options(
        joinedload(Postmortem.owner), joinedload(Postmortem.incident)
    )  # fmt: skip
    published = Postmortem.state == PostmortemState.PUBLISHED
    return db.session.scalars(rows.order_by(published, Postmortem.id.desc()).limit(limit)).all()


def texts(postmortem: Postmortem) -> dict[PostmortemPart, PostmortemText]:
    """How each part reads now."""
    newest = (
        sa.select(PostmortemText.part, sa.func.max(PostmortemText.number).label("number"))
        .where(PostmortemText.postmortem_id == postmortem.id)
        .group_by(PostmortemText.part)
        .subquery()
    )
    rows = sa.select(PostmortemText).where(PostmortemText.postmortem_id == postmortem.id).join(
        newest,
        sa.and_(newest.c.part == PostmortemText.part, newest.c.number == PostmortemText.number),
    )  # fmt: skip
    found = db.session.scalars(rows.options(joinedload(PostmortemText.by)))
    return {text.part: text for text in found}


def versions(postmortem: Postmortem, part: PostmortemPart) -> Sequence[PostmortemText]:
    """Everything a part ever said, the newest first."""
    rows = sa.select(PostmortemText).where(
        PostmortemText.postmortem_id == postmortem.id, PostmortemText.part == part
    )
    return db.session.scalars(
        rows.order_by(PostmortemText.number.desc()).options(joinedload(PostmortemText.by))
    ).all()


def version(postmortem: Postmortem, part: PostmortemPart, number: int) -> PostmortemText | None:
    return db.session.get(PostmortemText, (postmortem.id, part, number))


def entries(postmortem: Postmortem) -> Sequence[PostmortemEntry]:
    """The chronology, oldest first."""
    rows = sa.select(PostmortemEntry).where(PostmortemEntry.postmortem_id == postmortem.id)
    return db.session.scalars(rows.order_by(PostmortemEntry.at, PostmortemEntry.id)).all()


def comments(postmortem: Postmortem) -> Sequence[PostmortemComment]:
    rows = sa.select(PostmortemComment).where(PostmortemComment.postmortem_id == postmortem.id)
    return db.session.scalars(
        rows.order_by(PostmortemComment.id).options(joinedload(PostmortemComment.by))
    ).all()


def unpublished() -> sa.ColumnElement[bool]:
    """The incidents whose postmortem is still being written: they do not close by themselves."""
    return Incident.id.in_(sa.select(Postmortem.id).where(Postmortem.state != PostmortemState.PUBLISHED))
