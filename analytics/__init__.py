"""How long on-call work takes, from tidy tables: importable without the app.

Names are found on first use, so that ``import analytics`` costs nothing and a process that
only measures never loads plotly.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analytics.answer import review
    from analytics.load import load_alerts, load_events, load_incidents
    from analytics.response import (
        footer,
        how_much_we_say,
        share_within,
        summary,
        time_to_acknowledge,
        time_to_resolve,
    )
    from analytics.source import Tables, read, window

__all__ = [
    "Tables",
    "footer",
    "how_much_we_say",
    "load_alerts",
    "load_events",
    "load_incidents",
    "read",
    "review",
    "share_within",
    "summary",
    "time_to_acknowledge",
    "time_to_resolve",
    "window",
]

_HOMES = {
    "load": ("load_alerts", "load_events", "load_incidents"),
    "response": (
        "footer",
        "how_much_we_say",
        "share_within",
        "summary",
        "time_to_acknowledge",
        "time_to_resolve",
    ),
    "answer": ("review",),
    "source": ("Tables", "read", "window"),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"analytics.{module}"), name)
    raise AttributeError(f"analytics has no {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
