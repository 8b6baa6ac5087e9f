"""The API that joins an app which answers already: complete, at once, and without a word to anybody else."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest
from flask import Flask

from app import create_app
from tests.support.databases import settings_for


@pytest.fixture
def served(tmp_path: Path) -> Flask:
    """As `nightbell web` serves it."""
    return create_app(settings_for(tmp_path, f"sqlite:///{tmp_path / 'unused.db'}"), api_on_demand=True)


def routes(app: Flask) -> set[tuple[object, ...]]:
    return {
        (rule.rule, rule.endpoint, frozenset(rule.methods or ()), rule.provide_automatic_options)  # type: ignore[attr-defined]
        for rule in app.url_map.iter_rules()
    }


def test_it_joins_at_the_first_request_below_api_and_is_all_there_then(served: Flask, tmp_path: Path) -> None:
    whole = create_app(settings_for(tmp_path, f"sqlite:///{tmp_path / 'unused.db'}"))
    client = served.test_client()
    assert client.get("/offline").status_code == 200
    assert not [rule for rule, *_ in routes(served) if str(rule).startswith("/api")]
    assert client.get("/api/v1/teams").status_code == 401
    assert routes(served) == routes(whole)
    assert served.view_functions.keys() == whole.view_functions.keys()
    assert client.get("/offline").status_code == 200
    assert client.get("/api/v1/nothing").mimetype == "application/problem+json"
    assert client.get("/api/openapi.json").json == whole.test_client().get("/api/openapi.json").json


def test_many_first_requests_are_each_answered_and_pages_meanwhile(served: Flask) -> None:
    together, over = Barrier(8), Event()

    def asks(_: int) -> int:
        together.wait()
        return served.test_client().get("/api/v1/alerts").status_code

    pages: list[int] = []

    def looks() -> None:
        while not over.is_set():
            pages.append(served.test_client().get("/offline").status_code)

    looking = Thread(target=looks)
    looking.start()
    try:
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(asks, range(8))) == [401] * 8
    finally:
        over.set()
        looking.join()
    assert set(pages) == {200}
