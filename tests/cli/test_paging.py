"""`nightbell page test`."""

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from app import create_app
from app.database import db, transaction
from app.domain.words import PageKind
from app.paging.models import Page
from app.people import queries
from tests.support.cast import make_device
from tests.support.databases import settings_for

Nightbell = Callable[..., Result]
ADA = ("--email", "ada@example.org")


def test_a_test_page_is_queued_for_every_device_of_the_person(migrated: Nightbell, instance: Path) -> None:
    migrated("user", "create", *ADA, "--name", "Ada", "--role", "responder")
    with create_app(settings_for(instance, f"sqlite:///{instance / 'nightbell.db'}")).app_context():
        with transaction():
            ada = queries.user_by_email("ada@example.org")
            assert ada is not None
            make_device(ada, device="Pixel")
            make_device(ada, "https://updates.push.services.mozilla.com/wpush/v2/laptop", device="Laptop")
        tested = migrated("page", "test", *ADA, "--json")
        assert tested.exit_code == 0, tested.output
        assert [page["device"] for page in json.loads(tested.output)["pages"]] == ["Pixel", "Laptop"]
        assert [page.kind for page in db.session.scalars(db.select(Page))] == [PageKind.TEST] * 2
        db.session.remove()
        db.engine.dispose()


def test_a_person_without_a_device_cannot_be_tried_and_is_told_where_to_add_one(migrated: Nightbell) -> None:
    migrated("user", "create", *ADA, "--name", "Ada", "--role", "responder")
    refused = migrated("page", "test", *ADA)
    assert refused.exit_code == 1
    assert "Me → Devices" in refused.output
