"""/api/v1/action-items: what was promised after incidents, until it is carried out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from app import clock
from app.database import db, transaction
from app.learning import action_queries, actions
from app.learning.models import ActionItem
from app.people.models import User
from app.people.rights import Act, NotAllowed, who_may
from app.web.api.auth import me, need
from app.web.api.find import named, worked_on
from app.web.api.listing import identity, listing
from app.web.api.noun import noun
from app.web.api.problems import not_found
from app.web.api.shapes import action_items as shapes
from app.web.api.shapes.common import Listing, Named

action_items = noun("action-items", "What was promised after an incident, until it is carried out.")


@action_items.get("")
@action_items.input(shapes.ActionItemQuery, location="query", arg_name="query")
@action_items.output(Listing[shapes.ActionItem])
def list_action_items(query: shapes.ActionItemQuery) -> Listing[shapes.ActionItem]:
    """List actions, the newest first."""
    need(Act.SEE_OPERATIONS)
    rows = action_queries.shown_to(me())
    if query.done is not None:
        rows = rows.where(ActionItem.done_at.is_not(None) if query.done else ActionItem.done_at.is_(None))
    if query.incident_id is not None:
        rows = rows.where(ActionItem.incident_id == identity(query.incident_id))
    if query.owner_id is not None:
        rows = rows.where(ActionItem.owner_id == identity(query.owner_id))
    return listing(rows, query, _shown, by=[ActionItem.id], descending=True)


@action_items.post("")
@action_items.input(shapes.ActionItemDraft, arg_name="draft")
@action_items.output(shapes.ActionItem, 201)
def create_action_item(draft: shapes.ActionItemDraft) -> shapes.ActionItem:
    """Promise to change something because of an incident. Its owner is told."""
    with transaction():
        need(Act.SEE_OPERATIONS)
        incident = worked_on(draft.incident_id)
        wanted = actions.Promise(
            draft.text, draft.kind, owner=_owner(draft.owner_id), due_at=draft.due_at, link=draft.link,
            **_target(draft.improves),
        )  # fmt: skip
        return _one(actions.promise(incident, wanted, by=me(), at=clock.now()))


@action_items.get("/<id>")
@action_items.output(shapes.ActionItem)
def show_action_item(id: str) -> shapes.ActionItem:
    """Show an action."""
    need(Act.SEE_OPERATIONS)
    return _one(_found(id))


@action_items.patch("/<id>")
@action_items.input(shapes.ActionItemChanges, arg_name="changes")
@action_items.output(shapes.ActionItem)
def change_action_item(id: str, changes: shapes.ActionItemChanges) -> shapes.ActionItem:
    """Change its words, its owner, its day, or what it improves."""
    given = changes.given()
    with _changing(id) as (item, at):
        target = (
            _target(changes.improves) if "improves" in given
            else {"improves": item.improves, "improves_id": item.improves_id}
        )  # fmt: skip
        wanted = actions.Promise(
            given.get("text", item.text), given.get("kind", item.kind), link=given.get("link", item.link),
            owner=_owner(changes.owner_id) if "owner_id" in given else item.owner,
            due_at=given.get("due_at", item.due_at), **target,
        )  # fmt: skip
        actions.change(item, wanted, by=me(), at=at)
        return _one(item)


@action_items.post("/<id>/completion")
@action_items.input(shapes.CarriedOut, arg_name="said")
@action_items.output(shapes.ActionItem)
def carry_out_action_item(id: str, said: shapes.CarriedOut) -> shapes.ActionItem:
    """It is carried out. Whoever said so first did it."""
    with _changing(id) as (item, at):
        actions.carry_out(item, said.changed, by=me(), at=at)
        return _one(item)


@action_items.delete("/<id>/completion")
@action_items.output(shapes.ActionItem)
def reopen_action_item(id: str) -> shapes.ActionItem:
    """It is not carried out after all."""
    with _changing(id) as (item, at):
        actions.reopen(item, by=me(), at=at)
        return _one(item)


@contextmanager
def _changing(id: str) -> Iterator[tuple[ActionItem, datetime]]:
    with transaction():
        need(Act.SEE_OPERATIONS)
        _found(id)
        item = actions.locked(identity(id))
        if item is None:
            raise not_found("action")
        if not action_queries.may_change(me(), item):
            raise NotAllowed(who_may(Act.RESPOND))
        yield item, clock.now()
        db.session.flush()


def _found(id: str) -> ActionItem:
    item = action_queries.found(identity(id), me())
    if item is None:
        raise not_found("action")
    return item


def _owner(id: str | None) -> User | None:
    return None if id is None else named(User, id, "person", "#/owner_id")


def _target(wanted: shapes.Better | None) -> dict[str, Any]:
    if wanted is None:
        return {"improves": None, "improves_id": None}
    return {"improves": wanted.kind, "improves_id": identity(wanted.id)}


def _shown(rows: Sequence[ActionItem]) -> list[shapes.ActionItem]:
    return [_one(row) for row in rows]


def _one(row: ActionItem) -> shapes.ActionItem:
    target = None
    if row.improves is not None:
        target = shapes.Improved(kind=row.improves, id=str(row.improves_id))
    return shapes.ActionItem(
        id=str(row.id), incident_id=str(row.incident_id), text=row.text, kind=row.kind, link=row.link,
        owner=_named(row.owner), due_at=row.due_at, improves=target, done_at=row.done_at,
        done_by=_named(row.done_by), changed=row.changed, created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip


def _named(user: User | None) -> Named | None:
    return None if user is None else Named(id=str(user.id), name=user.name)
