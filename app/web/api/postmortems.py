"""/api/v1/postmortems: what was learned of an incident. One opens by itself when a severe one is resolved."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app import clock
from app.database import db, transaction
from app.domain import postmortem as rules
from app.domain.words import PostmortemPart
from app.learning import comment, queries, review, write
from app.learning.models import Postmortem, PostmortemComment
from app.learning.open import beginnings, open_postmortem
from app.people.models import User
from app.people.rights import Act, NotAllowed, who_may
from app.web.api.auth import me, need
from app.web.api.find import named, worked_on
from app.web.api.listing import identity, listing
from app.web.api.noun import noun
from app.web.api.problems import not_found
from app.web.api.shapes import postmortems as shapes
from app.web.api.shapes.common import Listing, Named, Nothing
from app.web.postmortem_view import told

postmortems = noun("postmortems", "What was learned of an incident, from a draft to something people read.")


@postmortems.get("")
@postmortems.input(shapes.PostmortemQuery, location="query", arg_name="query")
@postmortems.output(Listing[shapes.Postmortem])
def list_postmortems(query: shapes.PostmortemQuery) -> Listing[shapes.Postmortem]:
    """List postmortems, the newest incident first."""
    need(Act.SEE_INCIDENTS)
    rows = sa.select(Postmortem).where(queries.seen_by(me())).options(
        joinedload(Postmortem.owner), joinedload(Postmortem.incident)
    )  # fmt: skip
    if query.state:
        rows = rows.where(Postmortem.state.in_(query.state))
    return listing(rows, query, _shown, by=[Postmortem.id], descending=True)


@postmortems.post("")
@postmortems.input(shapes.PostmortemDraft, arg_name="draft")
@postmortems.output(shapes.Postmortem, 201)
def create_postmortem(draft: shapes.PostmortemDraft) -> shapes.Postmortem:
    """Begin to write down what was learned of an incident that is over."""
    with transaction():
        need(Act.SEE_OPERATIONS)
        incident = worked_on(draft.incident_id)
        return _shown([open_postmortem(incident, by=me(), at=clock.now())])[0]


@postmortems.get("/<id>")
@postmortems.output(shapes.Postmortem)
def show_postmortem(id: str) -> shapes.Postmortem:
    """Show a postmortem with all its parts."""
    need(Act.SEE_INCIDENTS)
    return _shown([found(id)])[0]


@postmortems.patch("/<id>")
@postmortems.input(shapes.PostmortemChanges, arg_name="changes")
@postmortems.output(shapes.Postmortem)
def change_postmortem(id: str, changes: shapes.PostmortemChanges) -> shapes.Postmortem:
    """Give it to somebody else."""
    with changing(id, writes=False) as (postmortem, at):
        if "owner_id" in changes.given():
            to = named(User, changes.owner_id, "person", "#/owner_id")
            review.give(postmortem, to, by=me(), at=at)
        return _shown([postmortem])[0]


@postmortems.put("/<id>/parts/<part>")
@postmortems.input(shapes.PartChange, arg_name="wanted")
@postmortems.output(shapes.Postmortem)
def write_postmortem_part(id: str, part: str, wanted: shapes.PartChange) -> shapes.Postmortem:
    """Write a part. What others wrote elsewhere in it since `seen` stays."""
    with changing(id) as (postmortem, at):
        if part not in list(PostmortemPart):
            raise not_found("part")
        name = PostmortemPart(part)
        seen = queries.texts(postmortem)[name].number if wanted.seen is None else wanted.seen
        write.write(postmortem, name, wanted.text, seen=seen, by=me(), at=at)
        return _shown([postmortem])[0]


@postmortems.get("/<id>/chronology")
@postmortems.output(shapes.Chronology)
def show_chronology(id: str) -> shapes.Chronology:
    """What was tried, and when: as the timeline says it, or in the words that people chose."""
    need(Act.SEE_INCIDENTS)
    return shapes.Chronology(
        items=[
            shapes.ChronologyLine(
                id=str(each.number), at=each.at, says=each.says,
                event_id=None if each.source is None else str(each.source),
            )
            for each in told(found(id), me())
        ]
    )  # fmt: skip


@postmortems.get("/<id>/comments")
@postmortems.output(shapes.Comments)
def list_postmortem_comments(id: str) -> shapes.Comments:
    """What people said about it, oldest first."""
    need(Act.SEE_INCIDENTS)
    return shapes.Comments(items=[_said(each) for each in queries.comments(found(id))])


@postmortems.post("/<id>/comments")
@postmortems.input(shapes.Comment, arg_name="wanted")
@postmortems.output(shapes.Said, 201)
def comment_on_postmortem(id: str, wanted: shapes.Comment) -> shapes.Said:
    """Say something about it. Its owner is told, and whoever is named by @."""
    with transaction():
        need(Act.SEE_INCIDENTS)
        made = comment.comment(found(id), wanted.text, part=wanted.part, by=me(), at=clock.now())
        return _said(made)


@postmortems.post("/<id>/review")
@postmortems.input(Nothing, arg_name="nothing")
@postmortems.output(shapes.Postmortem)
def review_postmortem(id: str, nothing: Nothing) -> shapes.Postmortem:  # noqa: ARG001
    """Ask whoever was in the incident to read it."""
    with changing(id) as (postmortem, at):
        review.ask_for_review(postmortem, by=me(), at=at)
        return _shown([postmortem])[0]


@postmortems.delete("/<id>/review")
@postmortems.output(shapes.Postmortem)
def take_postmortem_back(id: str) -> shapes.Postmortem:
    """It is a draft again."""
    with changing(id) as (postmortem, at):
        review.take_back(postmortem, by=me(), at=at)
        return _shown([postmortem])[0]


@postmortems.post("/<id>/publication")
@postmortems.input(Nothing, arg_name="nothing")
@postmortems.output(shapes.Postmortem)
def publish_postmortem(id: str, nothing: Nothing) -> shapes.Postmortem:  # noqa: ARG001
    """Everybody who sees the incident reads it. 409 names what is still to be written."""
    with changing(id) as (postmortem, at):
        review.publish(postmortem, by=me(), at=at)
        return _shown([postmortem])[0]


@postmortems.delete("/<id>/publication")
@postmortems.output(shapes.Postmortem)
def revise_postmortem(id: str) -> shapes.Postmortem:
    """It is a draft again; what was published stays among its versions."""
    with changing(id) as (postmortem, at):
        review.revise(postmortem, by=me(), at=at)
        return _shown([postmortem])[0]


def found(id: str) -> Postmortem:
    """The one that the caller may read. Raises not_found."""
    postmortem = queries.shown(identity(id), me())
    if postmortem is None:
        raise not_found("postmortem")
    return postmortem


@contextmanager
def changing(id: str, *, writes: bool = True) -> Iterator[tuple[Postmortem, datetime]]:
    """A transaction in which the caller changes it at this moment; with `writes`, only who may write it."""
    with transaction():
        need(Act.SEE_OPERATIONS)
        found(id)
        postmortem = queries.locked(identity(id))
        if postmortem is None:
            raise not_found("postmortem")
        if writes and not queries.rights_of(me(), postmortem).writes:
            raise NotAllowed(who_may(Act.RESPOND))
        yield postmortem, clock.now()
        db.session.flush()


def _shown(rows: Sequence[Postmortem]) -> list[shapes.Postmortem]:
    db.session.flush()
    return [_one(row) for row in rows]


def _one(row: Postmortem) -> shapes.Postmortem:
    texts, incident = queries.texts(row), row.incident
    lacking = rules.missing({part: each.text for part, each in texts.items()}, beginnings())
    return shapes.Postmortem(
        id=str(row.id), state=row.state, owner=_named(row.owner), opened_at=row.opened_at,
        updated_at=row.updated_at, published_at=row.published_at,
        incident=shapes.Incident(
            id=str(incident.id), number=incident.number, title=incident.title, severity=incident.severity
        ),
        parts=[
            shapes.Part(
                part=part, title=rules.TITLES[part], text=texts[part].text, version=texts[part].number,
                written_by=_named(texts[part].by), written_at=texts[part].at, missing=part in lacking,
            )
            for part in PostmortemPart
        ],
    )  # fmt: skip


def _said(row: PostmortemComment) -> shapes.Said:
    return shapes.Said(
        id=str(row.id), text=row.text, part=row.part, by=Named(id=str(row.by.id), name=row.by.name), at=row.at
    )


def _named(user: User | None) -> Named | None:
    return None if user is None else Named(id=str(user.id), name=user.name)
