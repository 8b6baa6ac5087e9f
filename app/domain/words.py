"""The words that rows, addresses, screens and figures share: each set of states once."""

from enum import StrEnum


class Severity(StrEnum):
    """How bad an alert's source says it is; worst first."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Urgency(StrEnum):
    """Whether an alert wakes people and escalates (high), or asks once (low)."""

    HIGH = "high"
    LOW = "low"


class AlertStatus(StrEnum):
    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class ResolvedBy(StrEnum):
    SOURCE = "source"
    HUMAN = "human"
    TIMEOUT = "timeout"


class EscalationState(StrEnum):
    """RUNNING and LAST_RESORT have a due time; STOPPED (somebody has it), DONE (nobody left) and HELD (it came
    back from an old backup: somebody has to look at it first) have none.
    """

    RUNNING = "running"
    LAST_RESORT = "last_resort"
    STOPPED = "stopped"
    DONE = "done"
    HELD = "held"


class IncidentSeverity(StrEnum):
    """Set by people against descriptions of impact; SEV1 is the worst."""

    SEV1 = "sev1"
    SEV2 = "sev2"
    SEV3 = "sev3"
    SEV4 = "sev4"
    SEV5 = "sev5"


class IncidentStatus(StrEnum):
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    CLOSED = "closed"


class IncidentRole(StrEnum):
    """What somebody does in an incident besides commanding it, which is a place of its own."""

    SCRIBE = "scribe"
    COMMUNICATIONS = "communications"
    EXPERT = "expert"
    RESPONDER = "responder"


class Attendance(StrEnum):
    """Whether somebody who was asked into an incident is there."""

    ASKED = "asked"
    JOINED = "joined"
    DECLINED = "declined"
    LEFT = "left"


class Risk(StrEnum):
    """How much an option could make worse."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class FixKind(StrEnum):
    """Whether an option only stops the harm for now, or mends the cause (S-43)."""

    MITIGATION = "mitigation"
    PERMANENT = "permanent"


class OptionState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    DOING = "doing"
    DONE = "done"


class Outcome(StrEnum):
    """What came of something that was tried."""

    WORKED = "worked"
    HELPED = "helped"
    NO_EFFECT = "no_effect"
    WORSE = "worse"


class Audience(StrEnum):
    """Who reads an update; each holds the ones before it."""

    RESPONDERS = "responders"
    STAKEHOLDERS = "stakeholders"
    ORGANISATION = "organisation"
    PUBLIC = "public"  # and whoever reads the public status page: what is wrong, nothing else


class PostmortemState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"


class PostmortemPart(StrEnum):
    """The parts of a postmortem, in the order in which they are read."""

    HAPPENED = "happened"
    AFFECTED = "affected"
    CAUSE = "cause"
    FACTORS = "factors"  # what contributed, beside the cause (S-61)
    PREVENTION = "prevention"
    NOTES = "notes"


class ActionKind(StrEnum):
    """What an action is for: that it does not come back, is seen sooner, is answered better."""

    PREVENT = "prevent"
    DETECT = "detect"
    RESPOND = "respond"


class Question(StrEnum):
    """What a review asks (S-69 to S-74)."""

    SPEED = "speed"
    PEOPLE = "people"
    ALERTS = "alerts"
    THRESHOLDS = "thresholds"
    INSTRUMENTATION = "instrumentation"
    COMMUNICATION = "communication"


class Verdict(StrEnum):
    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Improves(StrEnum):
    """What an action makes better."""

    SERVICE = "service"
    SCHEDULE = "schedule"
    POLICY = "policy"
    PLAYBOOK = "playbook"
    RULE = "rule"


class Phase(StrEnum):
    """The four NIST phases of which a running incident shows one."""

    DETECTION = "detection"
    CONTAINMENT = "containment"
    RECOVERY = "recovery"
    LEARNING = "learning"


class Role(StrEnum):
    """What a person may do in the organisation; each may all that the next may."""

    ADMINISTRATOR = "administrator"
    MANAGER = "manager"
    RESPONDER = "responder"
    STAKEHOLDER = "stakeholder"


class TeamRole(StrEnum):
    MANAGER = "manager"
    MEMBER = "member"


class SecondFactorFor(StrEnum):
    """Who must show two kinds of proof to sign in; a passkey is two."""

    NOBODY = "nobody"
    ADMINISTRATORS = "administrators"
    MANAGERS = "managers"  # and administrators
    EVERYBODY = "everybody"


class PageKind(StrEnum):
    """PAGE asks for an acknowledgement; SHADOW is a copy of one, for somebody who looks on and counts as no
    cover; NOTICE tells what became of one; TEST proves a device.
    """

    PAGE = "page"
    SHADOW = "shadow"
    NOTICE = "notice"
    TEST = "test"
    DRILL = "drill"


class PageStatus(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class ChannelKind(StrEnum):
    """The ways out: the first four to a person, the others to a destination that many read."""

    PUSH = "push"
    EMAIL = "email"
    SMS = "sms"
    VOICE = "voice"
    SLACK = "slack"
    TEAMS = "teams"
    MATTERMOST = "mattermost"
    GOOGLE_CHAT = "google_chat"
    TELEGRAM = "telegram"
    NTFY = "ntfy"
    WEBHOOK = "webhook"  # any body by a template
    SIGNED_WEBHOOK = "signed_webhook"  # events to a program, as Standard Webhooks says

    @property
    def label(self) -> str:
        """As people read it."""
        return {
            "push": "Web Push", "email": "E-mail", "sms": "Text message", "voice": "Call", "slack": "Slack",
            "teams": "Microsoft Teams", "mattermost": "Mattermost", "google_chat": "Google Chat",
            "telegram": "Telegram", "ntfy": "ntfy", "webhook": "Webhook", "signed_webhook": "Signed webhook",
        }[self]  # fmt: skip


class DeliveryState(StrEnum):
    """How far one attempt to reach one device has come."""

    QUEUED = "queued"
    BUNDLED = "bundled"
    THROTTLED = "throttled"
    SENT = "sent"
    ACCEPTED = "accepted"
    RECEIVED = "received"
    SHOWN = "shown"
    CLICKED = "clicked"
    CLOSED = "closed"
    ACKED = "acked"
    FAILED = "failed"


class LowUrgency(StrEnum):
    """What a service wants done with alerts of low urgency."""

    PAGE_ONCE = "page_once"
    RECORD = "record"


class SwapMode(StrEnum):
    """How cover is asked for: of all (first yes wins), of one, hours for hours, or taken at once (R18)."""

    ALL = "all"
    ONE = "one"
    EXCHANGE = "exchange"
    TAKEOVER = "takeover"


class SwapState(StrEnum):
    """How far a swap has come (R16). Only APPROVED, ACTIVE and DONE change who is on call."""

    DRAFT = "draft"
    OPEN = "open"
    ACCEPTED = "accepted"
    APPROVED = "approved"
    ACTIVE = "active"
    DONE = "done"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    EXPIRED = "expired"
    RELEASED = "released"
    REJECTED = "rejected"


class RingState(StrEnum):
    """How far a ring of three has come (D14). Only AGREED has changed who is on call."""

    OPEN = "open"
    ACCEPTED = "accepted"
    AGREED = "agreed"
    DECLINED = "declined"
    REJECTED = "rejected"
    VOID = "void"


class ChangeKind(StrEnum):
    """Where an exception to a schedule comes from. All act alike; reasons tell them apart."""

    OVERRIDE = "override"
    SWAP = "swap"
    TAKEOVER = "takeover"
    IMPORTED = "imported"


class CalendarUse(StrEnum):
    """What an imported calendar brings."""

    SHIFTS = "shifts"
    TIME_OFF = "time_off"
    HOLIDAYS = "holidays"


class OfferState(StrEnum):
    """What became of an offer to take part of a swap."""

    OPEN = "open"
    TAKEN = "taken"
    WITHDRAWN = "withdrawn"


class ContactKind(StrEnum):
    EMAIL = "email"
    PHONE = "phone"


class ServiceKind(StrEnum):
    """A technical service is one thing that runs; an application, what people use, made of such (L-SVC-02)."""

    TECHNICAL = "technical"
    APPLICATION = "application"


class NoticeCategory(StrEnum):
    """What a notice is about; people choose their ways for each."""

    ALERTS = "alerts"
    INCIDENTS = "incidents"
    ON_CALL = "on_call"
    TEAMS = "teams"
    ACCOUNT = "account"


class Choice(StrEnum):
    """What somebody said to a recommendation."""

    ACCEPT = "accept"
    NOT_NOW = "not_now"
    NEVER = "never"


class MailState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class RoomUse(StrEnum):
    """What one does in a room of an incident."""

    CHAT = "chat"
    CALL = "call"


class RoomProvider(StrEnum):
    SLACK = "slack"
    TEAMS = "teams"
    ZOOM = "zoom"
    MEET = "meet"
    JITSI = "jitsi"


ALL = (
    Severity, Urgency, AlertStatus, ResolvedBy, EscalationState, IncidentSeverity, IncidentStatus, Phase,
    Role, TeamRole, SecondFactorFor, PageKind, PageStatus, ChannelKind, DeliveryState, LowUrgency, SwapMode,
    SwapState, ChangeKind, OfferState, NoticeCategory, MailState, ContactKind, Choice,
    ServiceKind, RingState, CalendarUse, IncidentRole, Attendance, Risk, FixKind,
    OptionState, Outcome, Audience, RoomUse, RoomProvider, PostmortemState, PostmortemPart,
    ActionKind, Improves, Question, Verdict,
)  # fmt: skip
