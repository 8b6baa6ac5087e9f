"""How is this service doing?"""

from analytics import impact, noise
from analytics.card import Report, Scope
from analytics.reports.alert_quality import quality_card, talkers_card
from analytics.reports.budget import burn_card, degraded_card
from analytics.reports.lengths import lengths
from analytics.reports.response_times import response_times
from analytics.reports.trends import volume_card
from analytics.tables import Tables


def service(tables: Tables, scope: Scope, noun: str = "incident") -> Report:
    """Of tables that hold one service: its response, its volume, its budget, its rules."""
    found = response_times(tables, scope, noun)
    alerts = scope.inside(tables.alerts, "fired_at")
    quality = noise.actioned_share(alerts, tables.events, as_of=scope.as_of, by="rule")
    spent = impact.budget_spent(tables.incidents, **scope.span, events=tables.events)
    burned = tuple(
        burn_card(tables, str(name), float(budget), scope) for name, budget in spent["budget"].head(1).items()
    )
    rows = tables.incidents if noun == "incident" else tables.alerts
    cards = (
        *found.cards,
        *(lengths(tables, scope).cards if noun == "incident" else ()),
        volume_card(rows, scope, noun, tables.events),
        degraded_card(tables, scope),
        *burned,
        talkers_card(alerts, scope),
        quality_card(quality, scope),
    )
    return Report("service", "How is this service doing?", found.answer, scope.header, cards, found.decide)
