"""Destinations on their screens: added, tried, changed, ended; by those who may, and nothing secret shown."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from apiflask import APIFlask

from app.database import db, transaction
from app.paging.channels.registry import Channels
from app.paging.destinations import send
from app.paging.destinations.models import Destination, Post
from tests.support.browser_forms import post
from tests.support.far_end import FarEnd
from tests.support.world import World
from tests.web.conftest import SeenBy

HERE = "/destinations"


@pytest.fixture
def there(app: APIFlask) -> Iterator[FarEnd]:
    with FarEnd() as there:
        app.config["settings"] = replace(app.config["settings"], private_hosts=(there.host,))
        yield there


def typed(there: FarEnd, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "slack", "name": "#checkout", "team_id": "", "address": f"{there.url}/a-secret",
        "events": ["alert.triggered"],
    } | changes  # fmt: skip


def rows() -> list[Destination]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Destination).order_by(Destination.id)))


def test_a_room_is_added_tried_changed_and_ended(
    app: APIFlask, world: World, seen_by: SeenBy, there: FarEnd
) -> None:
    client = seen_by(world.cast.mara)
    assert "Nothing outside hears of alerts yet" in client.get(HERE).text
    made = post(client, HERE, typed(there), page=HERE)
    page = made.headers["Location"]
    assert (made.status_code, page) == (303, f"{HERE}/1")
    for _ in range(2):  # a second tap is the first one's
        post(client, f"{page}/test", {}, page=page)
    channels = Channels.from_settings(app.config["settings"])
    assert send.send_due(channels) == 1
    channels.close()
    assert "Test from Nightbell, all is well" in client.get(page).text
    assert "test · taken " in client.get(page).text
    post(client, page, {"name": "#payments", "address": "", "room": ""}, page=page)
    assert (rows()[0].name, rows()[0].events) == ("#payments", [])
    assert "a-secret" not in client.get(page).text
    assert "#payments" in client.get(HERE).text
    assert post(client, f"{page}/removal", {}, page=page).status_code == 303
    assert client.get(page).status_code == 404
    assert (rows()[0].address, rows()[0].token) == ("", None)


def test_a_signed_webhook_shows_its_secret_once(world: World, seen_by: SeenBy, there: FarEnd) -> None:
    client = seen_by(world.cast.mara)
    made = post(client, HERE, typed(there, kind="signed_webhook"), page=HERE)
    first = re.search(r"whsec_[\w+/=]+", made.text)
    assert first is not None
    page = f"{HERE}/1"
    assert "whsec_" not in client.get(page).text
    second = re.search(r"whsec_[\w+/=]+", post(client, f"{page}/secret", {}, page=page).text)
    assert second is not None
    assert second[0] != first[0]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": " "}, "Give it a name people know"),
        ({"address": "http://10.0.0.1/x"}, "This cannot be called"),
        ({"kind": "pigeon"}, "One of slack"),
        ({"kind": "telegram", "address": "no token"}, "A bot&#39;s token"),
        ({"kind": "telegram", "address": "1:a"}, "The number of the chat"),
        ({"kind": "webhook", "template": "{{title}}"}, "This makes no JSON"),
        ({"team_id": "999"}, "Choose a team"),
        ({"events": ["alert.sung"]}, "Of alert.triggered"),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_field(
    world: World, seen_by: SeenBy, there: FarEnd, changes: dict[str, Any], says: str
) -> None:
    answer = post(seen_by(world.cast.mara), HERE, typed(there, **changes), page=HERE)
    assert answer.status_code == 422
    assert says in answer.text
    assert rows() == []


def test_who_only_responds_sees_that_it_is_there_and_neither_changes_it_nor_reads_what_it_heard(
    world: World, seen_by: SeenBy, there: FarEnd
) -> None:
    manager, ada = seen_by(world.cast.mara), seen_by(world.cast.ada)
    post(manager, HERE, typed(there), page=HERE)
    post(manager, f"{HERE}/1/test", {}, page=f"{HERE}/1")
    seen = ada.get(f"{HERE}/1").text
    assert "#checkout" in seen
    assert "all is well" not in seen
    for path in (HERE, f"{HERE}/1", f"{HERE}/1/test", f"{HERE}/1/removal", f"{HERE}/1/secret"):
        assert post(ada, path, typed(there), page="/me/profile").status_code == 403
    with transaction():
        assert len(db.session.scalars(sa.select(Post)).all()) == 1
