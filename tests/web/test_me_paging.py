"""How I am paged: the page on which a person says it, and the API (feature 43)."""

import sqlalchemy as sa

from app.database import db
from app.paging.models import NotificationRule
from tests.support.browser_forms import post
from tests.support.world import World
from tests.web.conftest import SeenBy

HERE = "/me/paging"


def rules() -> list[tuple[str, str, int]]:
    db.session.rollback()
    rows = db.session.scalars(sa.select(NotificationRule).order_by(NotificationRule.id)).all()
    return [(row.urgency, row.channel, row.after_seconds) for row in rows]


def test_43_a_way_is_added_warned_of_and_removed(world: World, seen_by: SeenBy) -> None:
    client = seen_by(world.cast.ada)
    assert "as usual, nothing chosen" in client.get(HERE).text
    added = post(client, HERE, {"urgency": "high", "address": "push", "after": "7"}, page=HERE)
    assert (added.status_code, rules()) == (303, [("high", "push", 420)])
    assert "this comes too late and is never used" in client.get(HERE).text
    number = db.session.scalars(sa.select(NotificationRule.id)).one()
    assert post(client, f"{HERE}/{number}/removal", {}, page=HERE).status_code == 303
    assert post(client, f"{HERE}/{number}/removal", {}, page=HERE).status_code == 404, "a second click"
    assert rules() == []


def test_what_is_no_rule_is_refused_in_words_and_others_rules_are_not_found(
    world: World, seen_by: SeenBy
) -> None:
    client = seen_by(world.cast.ada)
    good = {"urgency": "low", "address": "push", "after": ""}
    for wrong in (
        {"after": "soon"}, {"after": "61"}, {"after": "-1"}, {"after": "nan"}, {"after": "1e999"},
        {"address": "pigeon"}, {"address": "sms-" + "9" * 5000}, {"address": "sms-0"}, {"urgency": "none"},
    ):  # fmt: skip
        refused = post(client, HERE, good | wrong, page=HERE)
        assert refused.status_code == 422, wrong
        assert "1 thing to put right" in refused.text
    post(client, HERE, good, page=HERE)
    number = db.session.scalars(sa.select(NotificationRule.id)).one()
    assert post(seen_by(world.cast.ben), f"{HERE}/{number}/removal", {}, page=HERE).status_code == 404
    assert rules() == [("low", "push", 0)]
