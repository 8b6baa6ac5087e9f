"""The HTTP edge: one blueprint per noun."""

from apiflask import APIFlask

from app.web import (
    access,
    alerts,
    api,
    calendar_imports,
    calendars,
    csrf,
    doors,
    errors,
    health,
    hosts,
    incidents,
    intake,
    invitations,
    join,
    me,
    notices,
    now,
    on_call,
    people,
    profile,
    push_subscriptions,
    pwa,
    receipts,
    schedules,
    security,
    services,
    session,
    setup,
    shell,
    teams,
    trends,
    words,
)

BLUEPRINTS = (
    now.blueprint,
    alerts.blueprint,
    incidents.blueprint,
    on_call.blueprint,
    schedules.blueprint,
    calendars.blueprint,
    calendar_imports.blueprint,
    trends.blueprint,
    services.blueprint,
    teams.blueprint,
    me.blueprint,
    notices.blueprint,
    profile.blueprint,
    people.blueprint,
    push_subscriptions.blueprint,
    doors.doors,
    join.blueprint,
    invitations.blueprint,
    setup.blueprint,
    pwa.blueprint,
    intake.blueprint,
    receipts.blueprint,
    health.blueprint,
)
# who looks is known before what is around
EDGES = (session, security, errors, hosts, access, csrf, words, shell, pwa, api)


def register(app: APIFlask) -> None:
    """Give `app` its pages, and what stands around every one of them."""
    for edge in EDGES:
        edge.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
