"""Several people write one postmortem: no word is lost, every version stays, and it says enough to be read."""

import pytest
import sqlalchemy as sa

from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.lifecycle import InvalidTransition
from app.domain.words import ActionKind, PostmortemPart, PostmortemState
from app.incidents import stream
from app.learning import actions, chronology, comment, queries, review, write
from app.learning.models import ActionItem
from app.leaving.duties import duties_of
from app.leaving.hand_over import leave
from app.notices.models import Notice
from app.people.rights import NotAllowed
from tests.learning.conftest import the, who
from tests.support.world import World

CAUSE = PostmortemPart.CAUSE


def write_as(world: World, name: str, text: str, *, seen: int, part: PostmortemPart = CAUSE) -> str:
    with transaction():
        user = who(getattr(world.cast, name))
        return write.write(the(), part, text, seen=seen, by=user, at=world.now).text


def test_S57_two_editors_of_different_paragraphs_lose_no_word(opened: World) -> None:
    write_as(opened, "ada", "A unit.\n\nNo test.", seen=1)
    assert write_as(opened, "ben", "A unit.\n\nNo test of units.", seen=2) == "A unit.\n\nNo test of units."
    both = write_as(opened, "cleo", "A unit in ms.\n\nNo test.", seen=2)
    assert both == "A unit in ms.\n\nNo test of units."
    assert [each.number for each in queries.versions(the(), CAUSE)] == [4, 3, 2, 1]
    db.session.rollback()


def test_two_editors_of_one_paragraph_see_both_texts_and_nothing_is_saved(opened: World) -> None:
    write_as(opened, "ada", "A unit.", seen=1)
    with pytest.raises(write.SamePlace, match="Ada changed the same paragraph") as refused:
        write_as(opened, "ben", "A library.", seen=1)
    assert refused.value.both == "A unit.\nA library."
    assert queries.texts(the())[CAUSE].text == "A unit."
    db.session.rollback()
    assert write_as(opened, "ben", refused.value.both, seen=2) == "A unit.\nA library."


def test_the_same_words_again_are_no_new_version_and_a_book_is_refused(opened: World) -> None:
    write_as(opened, "ada", "A unit.", seen=1)
    write_as(opened, "ada", "A unit.", seen=1)
    with pytest.raises(InvalidField, match="50,000"):
        write_as(opened, "ada", "x" * 50_001, seen=2)
    assert len(queries.versions(the(), CAUSE)) == 2
    db.session.rollback()


def test_S66_S67_it_is_published_by_its_owner_when_it_says_what_it_must_and_revised_without_loss(
    opened: World,
) -> None:
    cast = opened.cast
    with pytest.raises(review.NotWritten, match="What caused it” and “What will stop it"), transaction():
        review.publish(the(), by=who(cast.ada), at=opened.now)
    write_as(opened, "ada", "A unit.", seen=1)
    write_as(opened, "ben", "A test of units.", seen=1, part=PostmortemPart.PREVENTION)
    with pytest.raises(NotAllowed), transaction():
        review.publish(the(), by=who(cast.ben), at=opened.now)
    with transaction():
        review.ask_for_review(the(), by=who(cast.ada), at=opened.now)
    with transaction():
        review.publish(the(), by=who(cast.ada), at=opened.now)
    with pytest.raises(InvalidTransition, match="Revise it first"):
        write_as(opened, "ada", "Other.", seen=2)
    with transaction():
        review.revise(the(), by=who(cast.ben), at=opened.now)
    assert queries.texts(the())[CAUSE].text == "A unit."
    db.session.rollback()


def test_S64_it_is_given_away_and_whoever_looks_on_cannot_have_it(opened: World) -> None:
    cast = opened.cast
    with pytest.raises(NotAllowed), transaction():
        review.give(the(), who(cast.ben), by=who(cast.ben), at=opened.now)
    with pytest.raises(InvalidField, match="does not respond"), transaction():
        review.give(the(), who(cast.eli), by=who(cast.ada), at=opened.now)
    with transaction():
        review.give(the(), who(cast.ben), by=who(cast.ada), at=opened.now)
    told = db.session.scalars(sa.select(Notice.user_id).where(Notice.event == "postmortem_yours"))
    assert sorted(told) == [cast.ada.id, cast.ben.id]


def test_S68_the_chronology_is_chosen_reworded_and_keeps_its_source(opened: World) -> None:
    with transaction():
        ada, postmortem = who(opened.cast.ada), the()
        events = stream.events(postmortem.incident, ada, limit=100)
        chronology.choose(postmortem, {events[0].id}, among={e.id for e in events}, by=ada, at=opened.now)
        entry = queries.entries(postmortem)[0]
        chronology.reword(postmortem, entry, "Errors <b>rose</b>", by=ada, at=opened.now)
        chronology.say(postmortem, "A customer called", when=opened.now, by=ada, at=opened.now)
    told = queries.entries(the())
    assert [(each.event_id, each.words) for each in told] == [
        (events[0].id, "Errors <b>rose</b>"), (None, "A customer called"),
    ]  # fmt: skip
    with transaction():
        first, own = queries.entries(the())
        chronology.reword(the(), first, " ", by=who(opened.cast.ada), at=opened.now)
        chronology.reword(the(), own, "", by=who(opened.cast.ada), at=opened.now)
    assert [(each.event_id, each.words) for each in queries.entries(the())] == [(events[0].id, None)]
    db.session.rollback()


def test_a_comment_reaches_the_owner_and_whoever_it_names(opened: World) -> None:
    with transaction():
        comment.comment(the(), "Ask @cleo about the canary", by=who(opened.cast.ben), at=opened.now)
    told = sa.select(Notice.user_id).where(Notice.event == "postmortem_comment").order_by(Notice.user_id)
    assert set(db.session.scalars(told)) == {opened.cast.ada.id, opened.cast.cleo.id}
    with pytest.raises(InvalidTransition), transaction():
        comment.comment(the(), " \n", by=who(opened.cast.ben), at=opened.now)


def test_who_left_owns_nothing_any_more_and_who_works_on_it_takes_it(opened: World) -> None:
    with transaction():
        review.set_owner(the(), None, by=who(opened.cast.root), at=opened.now)
    with transaction():
        review.give(the(), who(opened.cast.ben), by=who(opened.cast.ben), at=opened.now)
        assert the().state is PostmortemState.DRAFT


@pytest.mark.parametrize("successor", ["ben", None])
def test_an_owner_who_leaves_hands_the_postmortem_and_the_actions_over_and_no_word_is_lost(
    opened: World, successor: str | None
) -> None:
    cast = opened.cast
    write_as(opened, "ada", "A unit.", seen=1)
    with transaction():
        promised = actions.Promise("Test units", ActionKind.PREVENT, owner=who(cast.ada))
        actions.promise(the().incident, promised, by=who(cast.ada), at=opened.now)
    held = [duty.key for duty in duties_of(who(cast.ada), at=opened.now)]
    assert {"postmortem:1", "action:1"} <= set(held)
    to = getattr(cast, successor).id if successor else None
    with transaction():
        leave(who(cast.ada), dict.fromkeys(held, to), by=who(cast.root), at=opened.now)
    item = db.session.get_one(ActionItem, 1)
    assert (the().owner_id, item.owner_id) == (to, to)
    assert queries.texts(the())[CAUSE].text == "A unit."
    assert queries.texts(the())[CAUSE].by_id == cast.ada.id
    db.session.rollback()
    assert write_as(opened, "ben", "A unit in ms.", seen=2) == "A unit in ms."
