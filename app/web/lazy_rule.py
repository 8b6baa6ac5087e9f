"""Routes that cost little until they are used: compiling how addresses are written is most of a start."""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

Build = Callable[..., tuple[str, str]]


class LazyRule(Rule):
    """A route that learns to write its addresses when one is asked for by `url_for`, not at the start."""

    def _compile_builder(self, append_unknown: bool = True) -> Build:
        learn = super()._compile_builder
        learnt: list[Build] = []

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            if not learnt:
                learnt.append(learn(append_unknown))
            return learnt[0](rule, **values)

        return build
