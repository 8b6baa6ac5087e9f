"""Our line icons and severity shapes, put inline so that a page needs no second request.

They are drawn in ``static/icons/line.svg``, one ``<symbol>`` each.
"""

import re
from functools import cache
from pathlib import Path

from markupsafe import Markup

SHEET = Path(__file__).parents[2] / "static" / "icons" / "line.svg"


@cache
def drawings() -> dict[str, Markup]:
    """Every drawing of the sheet by its name. The sheet is ours, so its markup is trusted."""
    symbols = re.findall(r'<symbol id="([\w-]+)"[^>]*>(.*?)</symbol>', SHEET.read_text(encoding="utf-8"))
    return {name: Markup(drawing) for name, drawing in symbols}  # our own drawings # nosec B704


def icon(name: str, label: str | None = None, css: str = "") -> Markup:
    """One line icon. Without a label it is ornament and readers pass over it."""
    said = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon {}" viewBox="0 0 24 24" {}>{}</svg>').format(css, said, drawings()[name])


def shape(level: int) -> Markup:
    """The shape of a severity level, 1 (octagon) to 5 (ring); the word always stands beside it."""
    css = "shape ring" if level == 5 else "shape"
    return Markup('<svg class="{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>').format(
        css, drawings()[f"level-{level}"]
    )
