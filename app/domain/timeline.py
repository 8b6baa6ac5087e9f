"""The kinds of event. Every change of state writes one, in the same transaction."""

from enum import StrEnum


class Kind(StrEnum):
    # alerts
    TRIGGERED = "triggered"
    REPEATED = "repeated"
    SEVERITY_CHANGED = "severity_changed"
    PAGED = "paged"
    NOBODY_REACHED = "nobody_reached"
    ESCALATED = "escalated"
    ESCALATION_EXHAUSTED = "escalation_exhausted"
    ESCALATION_ENDED = "escalation_ended"
    DELIVERY_FAILED = "delivery_failed"
    ACKNOWLEDGED = "acknowledged"
    UNACKNOWLEDGED = "unacknowledged"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    REASSIGNED = "reassigned"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    NOTED = "noted"
    PROMOTED = "promoted"
    SET_ASIDE = "set_aside"
    # incidents
    DECLARED = "declared"
    STATUS_CHANGED = "status_changed"
    COMMANDER_CHANGED = "commander_changed"
    ALERT_ADDED = "alert_added"
    CLOSED = "closed"
    # configuration and people
    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"
    SIGNED_IN = "signed_in"
    DEVICE_ADDED = "device_added"
    DEVICE_REMOVED = "device_removed"
    DEVICE_PROVEN = "device_proven"
    # services
    CHANGE = "change"


class Subject(StrEnum):
    """What an event may be about."""

    ALERT = "alert"
    INCIDENT = "incident"
    SERVICE = "service"
    INTEGRATION = "integration"
    SCHEDULE = "schedule"
    OVERRIDE = "override"
    TIME_OFF = "time_off"
    ESCALATION_POLICY = "escalation_policy"
    TEAM = "team"
    USER = "user"
    ORGANISATION = "organisation"
    TOKEN = "token"
    INVITATION = "invitation"
    NOTICE = "notice"
