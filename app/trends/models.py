"""What Trends keeps: days of rows as compact columns, how far they are kept, notebooks of the week, and what
people said to recommendations.
"""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Model
from app.domain.words import Choice
from app.people.models import Team, User

OF_ALL_TEAMS = sa.text("team_id IS NULL")  # no two NULLs are alike to a unique key


class TrendDay(Model):
    """The rows of one table that begin on one day (UTC), as `analytics.compact` packs them. Can be made again
    any time.
    """

    __tablename__ = "trend_day"
    __table_args__ = (sa.UniqueConstraint("table_name", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    table_name: Mapped[str]
    day: Mapped[date]
    rows: Mapped[int]
    packed: Mapped[bytes]


class TrendMark(Model):
    """One row: how far the days are kept. They tell of everything up to `through`, back to `since`."""

    __tablename__ = "trend_mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    last_event_id: Mapped[int]
    since: Mapped[date]
    through: Mapped[datetime]


class TrendPage(Model):
    """A page of Trends as it was at `as_of`: the answer to `asked`. The last two of each are kept; can be made
    again any time.
    """

    __tablename__ = "trend_page"
    __table_args__ = (sa.UniqueConstraint("key", "as_of"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    asked: Mapped[dict[str, Any]]
    as_of: Mapped[datetime]
    asked_at: Mapped[datetime]
    seconds: Mapped[float]  # what it took to make
    says: Mapped[dict[str, Any]]
    figures: Mapped[dict[str, Any]]  # by theme, each one JSON text


class TrendAsk(Model):
    """A question that waits until the engine has worked out its page."""

    __tablename__ = "trend_ask"

    key: Mapped[str] = mapped_column(primary_key=True)
    asked: Mapped[dict[str, Any]]
    asked_at: Mapped[datetime]


class WeeklyChoice(Model):
    """A notebook that a person wants every week, about a team; without one about all teams."""

    __tablename__ = "weekly_choice"
    __table_args__ = (
        sa.UniqueConstraint("user_id", "team_id", "notebook"),
        sa.Index(
            "weekly_choice_of_all_teams_index", "user_id", "notebook", unique=True,
            sqlite_where=OF_ALL_TEAMS, postgresql_where=OF_ALL_TEAMS,
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"))
    notebook: Mapped[str]

    user: Mapped[User] = relationship()


class WeeklyPage(Model):
    """A notebook, run and written as a page without its drawing program, of the weeks up to Monday `week`."""

    __tablename__ = "weekly_page"
    __table_args__ = (
        sa.UniqueConstraint("week", "notebook", "team_id"),
        sa.Index(
            "weekly_page_of_all_teams_index", "week", "notebook", unique=True,
            sqlite_where=OF_ALL_TEAMS, postgresql_where=OF_ALL_TEAMS,
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    notebook: Mapped[str]
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"))
    week: Mapped[date]
    made_at: Mapped[datetime]
    answer: Mapped[str]
    html: Mapped[str]

    team: Mapped[Team | None] = relationship()


class WeeklyTry(Model):
    """Who renders it is whoever moved `next_at`: until then nobody else tries, and after that it has failed."""

    __tablename__ = "weekly_try"
    __table_args__ = (
        sa.UniqueConstraint("week", "notebook", "team_id"),
        sa.Index(
            "weekly_try_of_all_teams_index", "week", "notebook", unique=True,
            sqlite_where=OF_ALL_TEAMS, postgresql_where=OF_ALL_TEAMS,
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    notebook: Mapped[str]
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"))
    week: Mapped[date]
    tries: Mapped[int]
    next_at: Mapped[datetime]

    team: Mapped[Team | None] = relationship()


class RecommendationChoice(Model):
    """What somebody said to a recommendation, with the evidence and backtest as they were then. The newest of
    a key counts.
    """

    __tablename__ = "recommendation_choice"
    __table_args__ = (sa.Index("recommendation_choice_key_index", "key", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    title: Mapped[str]
    choice: Mapped[Choice]
    reason: Mapped[str]
    recommendation: Mapped[dict[str, Any]]  # draft, evidence and backtest, as analytics gave them
    chosen_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    chosen_at: Mapped[datetime]

    chosen_by: Mapped[User] = relationship()
