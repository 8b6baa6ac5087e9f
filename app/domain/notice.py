"""What a person is told of besides pages, and by which ways: each one's own choice, within what must be told.

Pages are not decided here. A page rings because somebody must act now; a notice says what has changed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.domain.words import NoticeCategory, Role


class Channel(StrEnum):
    """A way a notice can take. The list of notices in the app is one of them."""

    APP = "app"
    PUSH = "push"
    EMAIL = "email"


class NoticeEvent(StrEnum):
    """What happened, as a line of the table of preferences."""

    ALERT_ASSIGNED = "alert_assigned"
    ALERT_NOTED = "alert_noted"
    INCIDENT_DECLARED = "incident_declared"
    INCIDENT_STATUS = "incident_status"
    COMMAND_GIVEN = "command_given"
    OPTION_WAITS = "option_waits"
    RULE_TELLS = "rule_tells"
    INCIDENT_UPDATE = "incident_update"
    UPDATE_DUE = "update_due"
    INCIDENT_COMMENT = "incident_comment"
    INCIDENT_ASKED = "incident_asked"
    ROOM_OPENED = "room_opened"
    MENTIONED = "mentioned"
    INCIDENT_ANSWERED = "incident_answered"
    TASK_GIVEN = "task_given"
    POSTMORTEM_YOURS = "postmortem_yours"
    POSTMORTEM_MOVED = "postmortem_moved"
    POSTMORTEM_COMMENT = "postmortem_comment"
    REVIEW_PLANNED = "review_planned"
    ACTION_YOURS = "action_yours"
    ACTION_DUE = "action_due"
    SHIFT_CHANGED = "shift_changed"
    SHIFT_SOON = "shift_soon"
    SHIFT_OVER = "shift_over"
    WEEK_AHEAD = "week_ahead"
    HANDOFF = "handoff"
    DRILL_FAILED = "drill_failed"
    SWAP = "swap"
    SCHEDULE_FAILS = "schedule_fails"
    GAP_MET = "gap_met"
    CALENDAR_FAILS = "calendar_fails"
    TEAM_JOINED = "team_joined"
    TEAM_ROLE = "team_role"
    TEAM_LEFT = "team_left"
    HANDED_OVER = "handed_over"
    DESTINATION_FAILS = "destination_fails"
    DIGEST = "digest"
    ROLE_CHANGED = "role_changed"
    INVITED = "invited"
    DEVICE_CHANGED = "device_changed"
    TOKEN_CREATED = "token_created"
    SIGN_IN_CHANGED = "sign_in_changed"


@dataclass(frozen=True)
class Kind:
    """A category as people read it: its events in order, and the ways it takes until somebody chooses."""

    title: str
    events: Mapping[NoticeEvent, str]
    usual: frozenset[Channel]
    fixed: frozenset[Channel] = frozenset()  # ways that cannot be switched off


_ALL = frozenset(Channel)
CATEGORIES: Mapping[NoticeCategory, Kind] = {
    NoticeCategory.ALERTS: Kind(
        "Alerts I work on",
        {
            NoticeEvent.ALERT_ASSIGNED: "An alert is assigned to me",
            NoticeEvent.RULE_TELLS: "A response rule tells my team of an alert",
            NoticeEvent.ALERT_NOTED: "Somebody notes something on an alert of mine",
        },
        frozenset({Channel.APP}),  # whoever gets an alert is paged for it, too
    ),
    NoticeCategory.INCIDENTS: Kind(
        "Incidents",
        {
            NoticeEvent.COMMAND_GIVEN: "I am given command",
            NoticeEvent.OPTION_WAITS: "An option waits for me as commander, or was tried without me",
            NoticeEvent.INCIDENT_UPDATE: "How an incident stands",
            NoticeEvent.INCIDENT_COMMENT: "Somebody writes to all on an incident I follow or command",
            NoticeEvent.MENTIONED: "Somebody names me in a note",
            NoticeEvent.ROOM_OPENED: "A war room opens for an incident I am in or follow",
            NoticeEvent.UPDATE_DUE: "An update that I owe is due",
            NoticeEvent.INCIDENT_ASKED: "I am asked into an incident",
            NoticeEvent.INCIDENT_ANSWERED: "Somebody I asked cannot come",
            NoticeEvent.TASK_GIVEN: "A task in an incident is mine",
            NoticeEvent.POSTMORTEM_YOURS: "A postmortem is mine to write",
            NoticeEvent.POSTMORTEM_MOVED: "A postmortem of an incident I was in is in review, or published",
            NoticeEvent.POSTMORTEM_COMMENT: "Somebody comments on a postmortem of mine, or names me there",
            NoticeEvent.REVIEW_PLANNED: "A review I am asked to is planned, begins soon, is moved or cancelled",
            NoticeEvent.ACTION_YOURS: "An action after an incident is mine to carry out",
            NoticeEvent.ACTION_DUE: "An action of mine is due, or one of a team I manage is late",
            NoticeEvent.INCIDENT_DECLARED: "An incident of my team is declared",
            NoticeEvent.INCIDENT_STATUS: "An incident of my team, or one I follow, changes",
        },
        _ALL,
    ),
    NoticeCategory.ON_CALL: Kind(
        "On-call changes",
        {
            NoticeEvent.SHIFT_CHANGED: "My shifts change",
            NoticeEvent.SHIFT_SOON: "I go on call soon",
            NoticeEvent.SHIFT_OVER: "I am off call again",
            NoticeEvent.WEEK_AHEAD: "My week ahead, on Monday morning",
            NoticeEvent.HANDOFF: "Whether whoever follows me has the pager",
            NoticeEvent.SWAP: "Somebody asks me to cover, or answers me",
            NoticeEvent.DRILL_FAILED: "I, or somebody I manage, did not answer a drill",
            NoticeEvent.SCHEDULE_FAILS: "The check of a schedule I manage finds an error",
            NoticeEvent.GAP_MET: "An alert comes while nobody is on call on a schedule I manage",
            NoticeEvent.CALENDAR_FAILS: "A calendar that I had read every hour cannot be read",
        },
        _ALL,
    ),
    NoticeCategory.TEAMS: Kind(
        "Team changes",
        {
            NoticeEvent.TEAM_JOINED: "I am put into a team",
            NoticeEvent.TEAM_ROLE: "My role in a team changes",
            NoticeEvent.TEAM_LEFT: "I am taken out of a team",
            NoticeEvent.HANDED_OVER: "I am given somebody's duties",
            NoticeEvent.DESTINATION_FAILS: "A room or program that a team of mine tells takes nothing any more",
            NoticeEvent.DIGEST: "My teams' week, on Monday morning",
        },
        frozenset({Channel.APP, Channel.EMAIL}),
    ),
    NoticeCategory.ACCOUNT: Kind(
        "Account and security",
        {
            NoticeEvent.ROLE_CHANGED: "My role changes",
            NoticeEvent.INVITED: "I am invited",
            NoticeEvent.DEVICE_CHANGED: "A device of mine is added or removed",
            NoticeEvent.TOKEN_CREATED: "A token is made in my name",
            NoticeEvent.SIGN_IN_CHANGED: "My ways to sign in change",
        },
        frozenset({Channel.APP, Channel.EMAIL}),
        fixed=frozenset({Channel.APP, Channel.EMAIL}),
    ),
}
CATEGORY_OF: Mapping[NoticeEvent, NoticeCategory] = {
    event: category for category, kind in CATEGORIES.items() for event in kind.events
}


@dataclass(frozen=True)
class Choice:
    """What one person wants of one category. `off` is kept while no channel is chosen (L-NOT-04)."""

    channels: frozenset[Channel]
    off: frozenset[NoticeEvent] = field(default=frozenset())

    @property
    def is_silent(self) -> bool:
        """Nothing of the category is told; its events stay as they were chosen, for later."""
        return not self.channels


def usual(category: NoticeCategory) -> Choice:
    """What holds until somebody chooses: everything is on, by the category's usual ways."""
    return Choice(CATEGORIES[category].usual)


def chosen(
    before: Choice,
    category: NoticeCategory,
    *,
    channels: Iterable[Channel],
    on: Iterable[NoticeEvent] | None,
) -> Choice:
    """The choice after somebody ticked `channels` and `on`.

    `on` is None where the events could not be ticked, as while the category is silent: they stay as they were
    and come back so. Ways that are fixed stay, and their events stay on.
    """
    kind = CATEGORIES[category]
    after = replace(before, channels=frozenset(channels) | kind.fixed)
    if on is None or kind.fixed:
        return after
    return replace(after, off=frozenset(kind.events) - frozenset(on))


def ways(
    category: NoticeCategory, event: NoticeEvent, choice: Choice, *, role: Role, mail_works: bool
) -> frozenset[Channel]:
    """The ways this notice takes to this person; none when it is not wanted.

    A stakeholder chooses nothing and gets mail (L-NOT-09). What would go by mail only, where there is no mail,
    is kept in the app: nothing is lost for want of a mail server.
    """
    if role is Role.STAKEHOLDER:
        taken = frozenset({Channel.EMAIL})
    elif event in choice.off:
        taken = CATEGORIES[category].fixed
    else:
        taken = choice.channels | CATEGORIES[category].fixed
    if Channel.EMAIL in taken and not mail_works:
        taken = taken - {Channel.EMAIL} | {Channel.APP}
    return taken
