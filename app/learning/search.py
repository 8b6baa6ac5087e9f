"""Searching incidents, postmortems, playbooks and notes by the beginnings of words, all of which must be there.

Triggers keep the words (`app/migrations/search_index.py`), in the transaction that writes them; this only
reads. Every find passes `incidents.access` and the postmortem's own rule, so that nothing of what a person may
not read shows, not even that it is there (S-82).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from app.database import db, on_sqlite
from app.domain import search as rules
from app.domain.search import Kind, Piece
from app.domain.words import PostmortemState
from app.incidents import access
from app.incidents.models import Incident
from app.learning.models import Postmortem
from app.people.models import User
from app.people.rights import Act, may

LOOKED_AT = 500  # finds, the newest
SHOWN = 30
MOST = 100

_text = sa.table(
    "search_text",
    *(sa.column(name, sa.Integer()) for name in ("id", "incident_id", "playbook_id")),
    *(sa.column(name, sa.Text()) for name in ("key", "kind", "title", "body")),
)
_words = sa.table("search_words", sa.column("rowid", sa.Integer()))


@dataclass(frozen=True)
class Find:
    """`number` is the incident's or the playbook's; `entry` a note's in the timeline; `says` the words."""

    kind: Kind
    number: int
    title: str
    says: list[Piece]
    incident: Incident | None
    entry: int | None


def search(typed: str, user: User, *, kinds: Collection[Kind] = (), limit: int = SHOWN) -> list[Find]:
    """What this person may read of it: the incident of that number, titles, then the newest; one of a kind for
    an incident.
    """
    wanted = rules.words(typed)
    if not wanted:
        return []
    meant = rules.number(typed)
    rows = db.session.execute(_matching(wanted, user, frozenset(kinds or Kind))).all()
    by_number = (
        [] if meant is None else db.session.execute(_of_number(meant, user, frozenset(kinds or Kind))).all()
    )
    firsts: dict[tuple[str, int], int] = {}
    ranked = sorted(
        rows, key=lambda row: (not (_is_by_name(row.kind) and rules.are_all_in(wanted, row.title)), -row.id)
    )
    for row in [*by_number, *ranked]:
        firsts.setdefault((row.kind, row.incident_id or row.playbook_id), row.id)
    return _finds(list(firsts.values())[: min(limit, MOST)], wanted)


def _is_by_name(kind: str) -> bool:
    """A note carries its incident's title, and is not found by that alone."""
    return kind in (Kind.INCIDENT, Kind.PLAYBOOK)


def _matching(
    wanted: Sequence[str], user: User, kinds: frozenset[Kind]
) -> sa.Select[tuple[int, str, int, int, str]]:
    """All of the words in title or body, one of them in the body: that of an incident holds its title, too."""
    rows = _readable(user, kinds)
    if on_sqlite():
        each = [f'"{word}"{"*" if len(word) > 1 else ""}' for word in wanted]
        match = f"({' AND '.join(each)}) AND body : ({' OR '.join(each)})"
        return (
            rows.join(_words, _words.c.rowid == _text.c.id)
            .where(sa.literal_column("search_words").op("MATCH")(match))
            .order_by(_words.c.rowid.desc())
        )
    everywhere = " & ".join(f"'{word}'{':*' if len(word) > 1 else ''}" for word in wanted)
    in_body = " | ".join(f"'{word}':{'*' if len(word) > 1 else ''}B" for word in wanted)
    # letters and digits in the statement itself: a plan that is kept for every word suits none
    query = sa.bindparam("query", f"({everywhere}) & ({in_body})", sa.Text(), literal_execute=True)
    asked = sa.func.to_tsquery(sa.text("'simple'"), query)
    return rows.where(sa.literal_column("words").op("@@")(asked)).order_by(_text.c.id.desc())


def _of_number(meant: int, user: User, kinds: frozenset[Kind]) -> sa.Select[tuple[int, str, int, int, str]]:
    return _readable(user, kinds & {Kind.INCIDENT}).where(_text.c.incident_id == meant)


def _readable(user: User, kinds: frozenset[Kind]) -> sa.Select[tuple[int, str, int, int, str]]:
    seen = access.incidents_seen_by(user)
    if not may(user, Act.SEE_OPERATIONS):  # they read published postmortems, and no playbooks
        is_out = Postmortem.state == PostmortemState.PUBLISHED
        seen = sa.and_(seen, sa.or_(_text.c.kind != Kind.POSTMORTEM, is_out))
    else:
        seen = sa.or_(_text.c.kind == Kind.PLAYBOOK, seen)
    whence = _text.outerjoin(Incident, Incident.id == _text.c.incident_id).outerjoin(
        Postmortem, Postmortem.id == _text.c.incident_id
    )
    columns = (_text.c.id, _text.c.kind, _text.c.incident_id, _text.c.playbook_id, _text.c.title)
    return sa.select(*columns).select_from(whence).where(seen, _text.c.kind.in_(sorted(kinds))).limit(LOOKED_AT)


def _finds(ids: Sequence[int], wanted: Sequence[str]) -> list[Find]:
    rows = {row.id: row for row in db.session.execute(sa.select(_text).where(_text.c.id.in_(ids)))}
    numbers = {row.incident_id for row in rows.values()}
    incidents = {
        each.id: each for each in db.session.scalars(sa.select(Incident).where(Incident.id.in_(numbers)))
    }
    found = []
    for row in (rows[each] for each in ids if each in rows):
        body = row.body.removeprefix(row.title) if _is_by_name(row.kind) else row.body
        found.append(
            Find(
                Kind(row.kind), row.incident_id or row.playbook_id, row.title, rules.excerpt(body, wanted),
                incidents.get(row.incident_id),
                int(row.key.removeprefix("note ")) if row.kind == Kind.NOTE else None,
            )
        )  # fmt: skip
    return found
