"""A lazy route writes the addresses that Werkzeug's own does."""

from typing import Any

import pytest
from werkzeug.routing import Map, Rule

from app.web.lazy_rule import LazyRule

RULES: dict[str, dict[str, Any]] = {
    "/": {},
    "/alerts/<int:number>": {"number": 7},
    "/trends/<any(response, load):page>": {"page": "load"},
    "/static/<path:filename>": {"filename": "js/a b.js"},
    "/teams/<self>": {"self": "x"},
}


@pytest.mark.parametrize("rule", RULES)
def test_a_lazy_rule_builds_what_a_rule_builds(rule: str) -> None:
    lazy, plain = (Map([kind(rule, endpoint="x")]).bind("host") for kind in (LazyRule, Rule))
    more: dict[str, Any]
    for more in ({}, {"page_at": "a b", "q": ["1", "2"]}):
        values = {**RULES[rule], **more}
        assert lazy.build("x", values) == plain.build("x", values)
        assert lazy.build("x", values, append_unknown=False) == plain.build("x", values, append_unknown=False)
    assert lazy.match(lazy.build("x", RULES[rule])) == plain.match(plain.build("x", RULES[rule]))


def test_nothing_is_compiled_when_a_lazy_rule_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Rule, "_compile_builder", lambda *_: pytest.fail("compiled at the start"))
    assert Map([LazyRule("/alerts/<int:number>", endpoint="x")]).bind("host").match("/alerts/7")
