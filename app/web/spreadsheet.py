"""The one writer of CSV (SEC-25): no cell is a formula to whatever opens the file."""

import csv
import io
from collections.abc import Iterable

# what spreadsheets take for the beginning of a formula, and its full-width look-alikes
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def as_csv(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """The file's text, as RFC 4180 says; None is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in (header, *rows):
        writer.writerow([harmless(cell) for cell in row])
    return text.getvalue()


def harmless(cell: object) -> str:
    """The cell's text; what would be computed begins with an apostrophe. Numbers of ours stay numbers."""
    if cell is None:
        return ""
    text = str(cell)
    is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) and not is_number else text
