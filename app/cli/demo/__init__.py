"""A made-up organisation with three months of history: what `bin/run --demo` shows. It never pages anyone.

Everything in it was done by the product's own verbs at moments that lie back, so that screens, figures and
timelines show what they would show of real life.
"""

from datetime import datetime, timedelta
from random import Random

from app.cli.demo.cast import Cast
from app.cli.demo.days import History
from app.people import queries

DAYS = 90
SEED = 20261112


class NotEmpty(Exception):
    """The database belongs to somebody, in words."""


def is_loaded() -> bool:
    """Whether this database holds the made-up organisation."""
    organisation = queries.organisation()
    return organisation is not None and organisation.is_demo


def refuse_a_real_one() -> None:
    """Raises NotEmpty where there are people or an organisation already."""
    if queries.organisation() is not None or queries.active_users():
        raise NotEmpty(
            "This database has people in it already; the made-up organisation needs an empty one. "
            "Point NIGHTBELL_INSTANCE_DIR at an empty directory for it."
        )


def load(*, at: datetime, days: int = DAYS) -> dict[str, int]:
    """Fill the empty database with what led up to `at`; answers how much of what there is. Takes seconds.

    Opens transactions of its own. Raises NotEmpty.
    """
    refuse_a_real_one()
    at = at.replace(second=0, microsecond=0)
    begin = at - timedelta(days=days)
    history = History(Cast.make(at=begin - timedelta(days=1)), Random(SEED), begin=begin, now=at)
    history.play()
    return history.count()
