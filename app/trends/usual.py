"""The questions that a first look at Trends asks: no filter chosen, by somebody who is here. They are worked
out ahead, once a day, where there is much to work out.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import islice

import sqlalchemy as sa

from app.alerts.models import Service
from app.database import db
from app.people.models import Team, User
from app.people.rights import Act, may, teams_where
from app.trends.asked import Asked

WEEKS = 12
MOST = 120  # pages; what is beyond is worked out when it is asked for
PAGES = (
    ("home", "alerts"), ("response", "alerts"), ("alerts", "alerts"), ("load", "alerts"),
    ("recommendations", "alerts"), ("response", "incidents"),
)  # fmt: skip


def questions() -> list[Asked]:
    """At most MOST of them; those that most people would ask come first."""
    return list(islice(dict.fromkeys(_questions()), MOST))


def _questions() -> Iterator[Asked]:
    names = {team.id: team.name for team in db.session.scalars(sa.select(Team))}
    whose = Counter(filter(None, (_seen_by(person, names) for person in _people())))
    seen = [each for each, _ in whose.most_common()]
    for zone, teams in seen:
        for page, kind in PAGES:
            yield Asked(page, kind, WEEKS, zone, teams=teams)
    for zone, teams in seen:
        if teams is None:
            for team in sorted(names.values()):
                for page, kind in PAGES:
                    yield Asked(page, kind, WEEKS, zone, team=team)
        services = sa.select(Service.name).join(Team).order_by(Service.name)
        if teams is not None:
            services = services.where(Team.name.in_(teams))
        for service in db.session.scalars(services):
            yield Asked("service", "alerts", WEEKS, zone, service=service, teams=teams)


def _people() -> list[User]:
    return list(db.session.scalars(sa.select(User).where(User.is_active.is_(True)).order_by(User.id)))


def _seen_by(person: User, names: dict[int, str]) -> tuple[str, tuple[str, ...] | None] | None:
    """The zone they read in and the teams they may read; None for the teams: all. Nothing for whoever reads no
    Trends.
    """
    if not may(person, Act.SEE_OPERATIONS):
        return None
    if may(person, Act.SEE_ALL_TEAMS):
        return person.time_zone, None
    return person.time_zone, tuple(sorted(names[team] for team in teams_where(person, Act.RESPOND)))
