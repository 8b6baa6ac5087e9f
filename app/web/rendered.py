"""A notebook's page as a file that needs no network: its scripts may not run inside these pages."""

from pathlib import Path

from flask import current_app
from flask.typing import ResponseReturnValue

BESIDE = '<script src="plotly.min.js"></script>'


def rendered(html: str, name: str) -> ResponseReturnValue:
    """`html` with the program that draws in it, to be kept as `name`."""
    drawing = Path(current_app.static_folder or "") / "lib" / "plotly-cartesian.min.js"
    script = f"<script>{drawing.read_text(encoding='utf-8')}</script>" if drawing.is_file() else ""
    answer = current_app.response_class(html.replace(BESIDE, script), mimetype="text/html")
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer
