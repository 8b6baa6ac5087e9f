"""Histories that another product kept, as our tables: what was read, what was understood, what was left out
and why.

Nothing is written here; `archive.write` keeps what was understood where the notebooks find it.
"""

from analytics.history.understood import History, NotUnderstood, read

__all__ = ["History", "NotUnderstood", "read"]
