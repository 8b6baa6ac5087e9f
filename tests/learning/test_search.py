"""Searching what was written: found as soon as it is committed, by whoever may read it, whatever is typed."""

from importlib import import_module

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from app.database import db, on_sqlite, transaction
from app.domain.search import Kind
from app.domain.words import PostmortemPart
from app.incidents import declare, note, playbooks, restrict
from app.incidents.models import Incident, Playbook
from app.learning import queries, write
from app.learning.search import search
from app.migrations import search_index
from app.people.models import User
from tests.learning.conftest import incident, who
from tests.support.world import World


def found(typed: str, user: User, **wishes: object) -> list[tuple[str, int]]:
    return [(each.kind.value, each.number) for each in search(typed, who(user), **wishes)]  # type: ignore[arg-type]


def test_what_is_written_is_found_at_once_and_what_is_not_committed_never(opened: World) -> None:
    ada = opened.cast.ada
    with transaction():
        note.note(incident(), "The zebrafish cache was cold", by=who(ada), at=opened.now)
        postmortem = queries.locked(1)
        assert postmortem is not None
        write.write(postmortem, PostmortemPart.CAUSE, "A walrus of a query", seen=1, by=who(ada), at=opened.now)
        playbooks.create(
            name="Warm the cache", body="- [ ] Look for otters", severities=[], rules=[], services=[],
            by=who(opened.cast.mara), at=opened.now,
        )  # fmt: skip
    assert found("zebraf", ada) == [("note", 1)]
    assert found("WALRUS query", ada) == [("postmortem", 1)]
    assert found("otters", ada) == [("playbook", 1)]
    assert found("cache", ada) == [("playbook", 1), ("note", 1)]  # a name comes before what was said
    assert found("cache", ada, kinds=[Kind.NOTE]) == [("note", 1)]
    with transaction() as session:
        note.note(incident(), "The heron", by=who(ada), at=opened.now)
        session.flush()
        session.rollback()
    assert found("heron", ada) == []


def test_what_changes_is_found_as_it_reads_now(opened: World) -> None:
    ada, mara = opened.cast.ada, opened.cast.mara
    with transaction():
        declare.say_impact(incident(), "Lemurs cannot pay", by=who(ada), at=opened.now)
        made = playbooks.create(
            name="Lemur drill", body="- [ ] Call", severities=[], rules=[], services=[], by=who(mara),
            at=opened.now,
        )  # fmt: skip
        number = made.id
    assert found("lemur", ada) == [("playbook", number), ("incident", 1)]
    with transaction():
        declare.say_impact(incident(), "Nobody can pay", by=who(ada), at=opened.now)
        playbooks.remove(db.session.get_one(Playbook, number), by=who(mara), at=opened.now)
    assert found("lemur", ada) == []
    assert found("nobody pay", ada) == [("incident", 1)]
    with transaction():
        note.note(incident(), "Ibis", by=who(ada), at=opened.now)
        db.session.get_one(Incident, 1).title = "Pelican down"
    assert found("pelican", ada) == [
        ("incident", 1)
    ]  # its notes carry the title, and are not found by it alone
    assert found("pelican ibis", ada) == [("note", 1)]


def test_the_number_of_an_incident_finds_it(opened: World) -> None:
    for typed in ("1", "INC-1", "#1", "inc 1"):
        assert found(typed, opened.cast.ada)[0] == ("incident", 1), typed


def test_S82_the_words_of_a_restricted_incident_are_found_by_nobody_who_may_not_see_it(opened: World) -> None:
    ada, mara = opened.cast.ada, opened.cast.mara
    with transaction():
        note.note(incident(), "The platypus keys leaked", by=who(ada), at=opened.now)
    assert found("platypus", mara) == [("note", 1)]
    with transaction():
        restrict.restrict(incident(), by=who(ada), at=opened.now)
    assert found("platypus", ada) == [("note", 1)]
    for typed in ("platypus", "INC-1", incident().title, "keys leaked"):
        assert found(typed, mara) == [], typed


def test_whoever_only_looks_on_finds_published_postmortems_and_no_playbooks(opened: World) -> None:
    eli, ada = opened.cast.eli, opened.cast.ada
    with transaction():
        postmortem = queries.locked(1)
        assert postmortem is not None
        write.write(postmortem, PostmortemPart.CAUSE, "A walrus", seen=1, by=who(ada), at=opened.now)
        playbooks.create(
            name="Walrus", body="- [ ] Look", severities=[], rules=[], services=[], by=who(opened.cast.mara),
            at=opened.now,
        )  # fmt: skip
    assert found("walrus", eli) == []
    assert len(found("walrus", ada)) == 2


HOSTILE = (
    "", "   ", '"', "'", "''", '"" OR "', "*", "a*", "NEAR(a b)", "NOT", "AND OR", "checkout:*", "title : x",
    "\x00", "check\x00out", "-", "^checkout", "{title body}: x", "(", ")", "&|!<->", "%", "\\", "x" * 10_000,
    "checkout " * 1_200, "\ud7ff\ufdd0", "e\u0301", "日本語", "🦭", "'; DROP TABLE incident; --",
    "checkout:B",
)  # fmt: skip


def test_whatever_is_typed_is_words_and_never_a_query_language(opened: World) -> None:
    for typed in HOSTILE:
        search(typed, who(opened.cast.ada))
    assert found("errors", opened.cast.ada)[0] == ("incident", 1)


def test_what_was_written_before_there_was_a_search_is_found(opened: World) -> None:
    ada = opened.cast.ada
    with transaction():
        note.note(incident(), "The okapi", by=who(ada), at=opened.now)
    db.session.remove()
    with db.engine.connect().execution_options(writes=True) as connection:
        if on_sqlite():
            connection.execute(sa.text("DROP TABLE search_words"))
        else:
            for name, *_ in search_index.TRIGGERS:
                connection.execute(sa.text(f"DROP FUNCTION {name} CASCADE"))
        connection.execute(sa.text("DROP TABLE search_text"))
        with Operations.context(MigrationContext.configure(connection)):
            import_module("app.migrations.versions.0073_search").upgrade()
        if on_sqlite():
            search_index.keep_on_sqlite(connection)
        connection.commit()
    assert found("okapi", ada) == [("note", 1)]
    assert found("rolled back", ada) == [("postmortem", 1), ("incident", 1)]
    with transaction():
        note.note(incident(), "A second tapir", by=who(ada), at=opened.now)
    assert found("tapir", ada) == [("note", 1)]
