"""All that is kept about one person, for themselves, as JSON. Secrets are left out: they let somebody in."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.alerts.models import Alert
from app.database import db
from app.incidents.models import Incident
from app.learning.models import (
    ActionItem,
    Feedback,
    Postmortem,
    PostmortemComment,
    RetrospectiveAnswer,
    ReviewAttendee,
)
from app.notices import preferences
from app.notices.models import Mail, Notice
from app.oncall.models import CalendarFeed, CalendarSource, Override, Swap, TimeOff
from app.paging.models import NotificationRule, Page, PushSubscription
from app.people.models import ApiToken, ContactMethod, Membership, Session, Team, User
from app.people.ways_in import CodeApp, Passkey, ProviderAccount
from app.timeline.models import Event


def own_data(user: User) -> dict[str, Any]:
    """Everything under a name of its own; moments in UTC."""
    return {
        "person": _row(
            user,
            "id email name role time_zone title skills quiet_hours sleep_hours hide_lock_screen_text is_active"
            " created_at",
        ),
        "teams": [one.team.name for one in _of(Membership, Membership.user_id, user)],
        "manages": [team.name for team in _of(Team, Team.manager_id, user)],
        "has_password": user.password_hash is not None,
        "has_code_app": db.session.get(CodeApp, user.id) is not None,
        "told_of": {
            str(category): {"channels": sorted(choice.channels), "off": sorted(choice.off)}
            for category, choice in preferences.all_of(user).items()
        },
        **{
            name: [_row(one, columns) for one in _of(column.class_, column, user)]
            for name, (column, columns) in _LISTS.items()
        },
    }


_LISTS: dict[str, tuple[Any, str]] = {
    "contacts": (ContactMethod.user_id, "kind address created_at verified_at"),
    "notification_rules": (NotificationRule.user_id, "urgency channel after_seconds created_at"),
    "passkeys": (Passkey.user_id, "name created_at last_used_at"),
    "accounts_elsewhere": (ProviderAccount.user_id, "issuer email created_at"),
    "sign_ins": (Session.user_id, "device created_at last_seen_at"),
    "tokens": (ApiToken.user_id, "name prefix scopes created_at expires_at last_used_at revoked_at"),
    "devices": (
        PushSubscription.user_id,
        "device endpoint created_at last_seen_at verified_at removed_at removed_because",
    ),
    "calendar_feeds": (CalendarFeed.user_id, "prefix schedule_id created_at last_used_at revoked_at"),
    "calendars_read": (CalendarSource.user_id, "host brings found created_at read_at problem"),
    "notices": (Notice.user_id, "category event title body created_at read_at"),
    "mail": (Mail.user_id, "to_address subject state created_at sent_at"),
    "pages": (Page.user_id, "kind subject_kind subject_id title body status reason created_at"),
    "time_off": (TimeOff.user_id, "start end note created_at"),
    "covers": (Override.user_id, "schedule_id start end created_at"),
    "swaps_asked": (Swap.owner_id, "schedule_id mode state start end note created_at"),
    "swaps_taken": (Swap.taker_id, "schedule_id mode state start end created_at"),
    "alerts_acknowledged": (Alert.acknowledged_by_id, "id title acknowledged_at"),
    "incidents_commanded": (Incident.commander_id, "id title commander_since"),
    "postmortems_owned": (Postmortem.owner_id, "id state opened_at published_at"),
    "postmortem_comments": (PostmortemComment.by_id, "postmortem_id text at"),
    "reviews_invited": (ReviewAttendee.user_id, "incident_id invited_at came"),
    "review_answers": (RetrospectiveAnswer.by_id, "postmortem_id question verdict text at"),
    "feedback": (Feedback.user_id, "incident_id people alerts missing at"),
    "actions_owned": (ActionItem.owner_id, "id text kind due_at done_at"),
    "acts": (Event.actor_id, "at kind subject_kind subject_id"),
}


def _of(model: Any, column: Any, user: User) -> list[Any]:
    return list(
        db.session.scalars(sa.select(model).where(column == user.id).order_by(*sa.inspect(model).primary_key))
    )


def _row(row: Any, names: str) -> dict[str, Any]:
    return {name: _value(getattr(row, name)) for name in names.split()}


def _value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
