"""Tables and transactions: below every model, imports no room.

SQLite runs in WAL with full synchronisation and one writer per process; PostgreSQL is the same code with
its own locks. A moment is stored in UTC to the microsecond, a state as its word.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase, Session, registry

from app.config import Settings
from app.domain import words


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware moment in, the same moment in UTC out. A naive one is refused: nobody knows when it is."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(sa.DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a zone cannot be stored: {value}")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Word(sa.types.TypeDecorator[StrEnum]):
    """A state of the glossary, stored as its word."""

    impl = sa.String(32)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: StrEnum | None, _dialect: sa.Dialect) -> str | None:
        return None if value is None else str(self.kind(value))

    def process_result_value(self, value: str | None, _dialect: sa.Dialect) -> StrEnum | None:
        return None if value is None else self.kind(value)


class Base(DeclarativeBase):
    registry = registry(
        metadata=sa.MetaData(
            naming_convention={
                "ix": "%(table_name)s_%(column_0_N_name)s_index",
                "uq": "%(table_name)s_%(column_0_N_name)s_unique",
                "ck": "%(table_name)s_%(constraint_name)s",
                "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
                "pk": "%(table_name)s_pkey",
            }
        ),
        type_annotation_map={
            datetime: UtcDateTime,
            dict[str, Any]: sa.JSON,
            list[Any]: sa.JSON,
            str: sa.Text,
            **{kind: Word(kind) for kind in words.ALL},
        },
    )


db = SQLAlchemy(model_class=Base)

if TYPE_CHECKING:

    class Model(Base):
        __abstract__ = True
else:
    Model = db.Model


def init(app: Flask, settings: Settings) -> None:
    """Connect `app` to the database its settings name."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _SQLITE if settings.on_sqlite else _POSTGRESQL
    db.init_app(app)
    if settings.on_sqlite:
        with app.app_context():
            event.listen(db.engine, "connect", _prepare_sqlite)
            event.listen(db.engine, "begin", _begin_sqlite)


def on_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


@contextmanager
def transaction() -> Iterator[Session]:
    """One unit of change: all of it is committed, with its events, or none.

    Whatever was read before is forgotten, so that rows are read again under this transaction's lock. On SQLite
    it takes the write lock at once (BEGIN IMMEDIATE), after waiting its turn within this process: SQLite's
    own busy handler starves threads. Transactions do not nest: the edge owns them.
    """
    session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("transactions do not nest: the edge owns the transaction, verbs only change rows")
    session.rollback()
    with _turn():
        session.info["writing"] = True
        try:
            session.connection(execution_options={"writes": True})
            yield session
            for act in session.info.pop("before_commit", {}).values():
                act()
            session.commit()
        except BaseException:
            session.rollback()
            session.info.pop("before_commit", None)
            session.info.pop("after_commit", None)
            raise
        finally:
            session.info["writing"] = False
    for act in session.info.pop("after_commit", {}).values():
        act()


def is_any(rows: sa.Select[Any]) -> bool:
    """Whether there is such a row just now. Outside a transaction, so that who only looks keeps no writer of
    SQLite waiting.
    """
    session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("inside a transaction its own questions are asked: this one would roll it back")
    session.rollback()  # or SQLite would answer as of the moment at which this session looked first
    found = session.scalar(rows.limit(1)) is not None
    session.rollback()
    return found


Act = TypeVar("Act", bound=Callable[[], None])
Answer = TypeVar("Answer")


def before_commit(name: str, act: Act) -> Act:
    """Do `act` once inside the running transaction, as the last of it; answers the one of this name, which may
    have been there already.
    """
    kept: Act = db.session().info.setdefault("before_commit", {}).setdefault(name, act)
    return kept


def after_commit(name: str, act: Callable[[], None]) -> None:
    """Do `act` once when the running transaction has been committed, and not if it fails."""
    db.session().info.setdefault("after_commit", {})[name] = act


@contextmanager
def asked_once() -> Iterator[None]:
    """Within it the same question to `once` goes to the database once. For a batch that works at one moment, in
    one transaction, and changes nothing of what it asks.
    """
    held = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(held)


def once(question: tuple[Any, ...], ask: Callable[[], Answer]) -> Answer:
    """What `ask` answers; inside `asked_once` what it answered before to this question."""
    answers = _answers.get()
    if answers is None:
        return ask()
    if question not in answers:
        answers[question] = ask()
    answer: Answer = answers[question]
    return answer


def foretell(answers: Mapping[tuple[Any, ...], Any]) -> None:
    """Inside `asked_once`: what one question about the whole batch has answered of each of these."""
    held = _answers.get()
    if held is not None:
        held.update(answers)


def foretold(question: tuple[Any, ...]) -> Any:
    """The answer that is known inside `asked_once`; None for a question that nobody has asked there."""
    answers = _answers.get()
    return None if answers is None else answers.get(question)


def let_go_after(wait: timedelta) -> None:
    """From now on PostgreSQL frees the locks of a transaction of this process in which nothing happens for so
    long: a host that loses its network in the midst of one keeps no row from the others for half a minute.
    """
    if on_sqlite():
        return

    def say(connection: Any, _record: Any) -> None:
        connection.execute(f"SET idle_in_transaction_session_timeout = {wait // timedelta(milliseconds=1)}")
        connection.commit()

    sa.event.listen(db.engine, "connect", say)


def database_now() -> datetime:
    """The database server's clock: the one that decides on PostgreSQL."""
    moment: datetime = db.session.execute(_CLOCK).scalar_one()
    return moment.astimezone(UTC)


_SQLITE: dict[str, Any] = {"pool_size": 40, "max_overflow": 40, "connect_args": {"timeout": 15}}
_POSTGRESQL: dict[str, Any] = {
    "pool_size": 20,
    "max_overflow": 20,
    "pool_pre_ping": True,
    "connect_args": {
        "options": "-c lock_timeout=5s -c statement_timeout=15s"
        " -c idle_in_transaction_session_timeout=30s -c timezone=UTC",
        "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "connect_timeout": 5,
        "tcp_user_timeout": 15_000,  # milliseconds: what is sent into a lost network is given up
    },
}  # fmt: skip
_CLOCK = sa.select(sa.func.clock_timestamp())  # asked all the time, so built once
_one_writer = threading.Lock()
_answers: ContextVar[dict[tuple[Any, ...], Any] | None] = ContextVar("answers", default=None)


@contextmanager
def _turn() -> Iterator[None]:
    with _one_writer if current_app.config["settings"].on_sqlite else nullcontext():
        yield


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the driver would begin too late
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql(
        "BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN"
    )
