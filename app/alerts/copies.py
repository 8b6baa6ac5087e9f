"""Shadows get a copy of what a step pages. They are nobody's cover: a step waits for none of them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.alerts.models import Alert
from app.alerts.wording import alerting, page_words
from app.domain.escalation import PageStep
from app.domain.timeline import Subject
from app.domain.words import PageKind
from app.oncall import shadow
from app.paging.methods import devices_of
from app.paging.page import Place, page_user

COPY = "A copy for you as a shadow."


def send(
    alert: Alert,
    targets: Iterable[Mapping[str, Any]],
    asked: Collection[int],
    step: PageStep,
    *,
    until: datetime,
    at: datetime,
) -> None:
    """A copy to each shadow of the schedules that this step asks, but for those it pages itself (`asked`).

    Somebody without a device gets none: a copy is worth no mail, and no failed page either.
    """
    schedules = [int(target["id"]) for target in targets if target.get("kind") == "schedule"]
    told = set(asked)
    for row in shadow.at_moment(schedules, at) if schedules else ():
        if row.user_id in told or not devices_of(row.user_id):
            continue
        told.add(row.user_id)
        words = page_words(alert, row.user)
        page_user(
            row.user, replace(words, body=f"{COPY} {words.body}"),
            Place(Subject.ALERT, alert.id, alert.run, step.round, step.step), kind=PageKind.SHADOW,
            reason=[alerting(alert), f"You are a shadow of {row.schedule.name}"],
            until=until, at=at,
        )  # fmt: skip
