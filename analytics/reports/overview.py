"""What should we fix? The cards of the other reports that a manager looks at first."""

from analytics import noise, pager_load
from analytics.answer import review
from analytics.card import Report, Scope
from analytics.decide import what_to_decide
from analytics.reports.alert_quality import quality_card, talkers_card
from analytics.reports.budget import degraded_card
from analytics.reports.pager_load import people_card
from analytics.reports.trends import hours_card, rate_card, speed_card, volume_card
from analytics.tables import Tables


def overview(tables: Tables, scope: Scope) -> Report:
    """Speed, volume, hours, people, noise and what it cost users: one card each."""
    span = (scope.window.since, scope.window.until, scope.as_of, scope.zone)
    speed = review(tables.alerts, *span, events=tables.events)
    alerts = scope.inside(tables.alerts, "fired_at")
    woken = scope.inside(
        pager_load.interruptions(tables.pages, as_of=scope.as_of, zone=scope.zone, people=tables.people), "at"
    )
    quality = noise.actioned_share(alerts, tables.events, as_of=scope.as_of, by="rule")
    cards = (
        speed_card(speed, "acknowledge"), hours_card(tables.alerts["fired_at"], scope, "alert"),
        volume_card(tables.alerts, scope, "alert"), rate_card(tables, scope), people_card(woken, scope),
        talkers_card(alerts, scope), quality_card(quality, scope), degraded_card(tables, scope),
    )  # fmt: skip
    return Report(
        "overview", "What should we fix?", speed.sentence, scope.header, cards, tuple(what_to_decide(speed))
    )
