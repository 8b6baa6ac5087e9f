"""The HTTP edge: one blueprint per noun."""

from flask import Flask

from app.web import (
    access,
    alerts,
    csrf,
    doors,
    errors,
    incidents,
    intake,
    me,
    now,
    on_call,
    push_subscriptions,
    pwa,
    receipts,
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
    trends.blueprint,
    services.blueprint,
    teams.blueprint,
    me.blueprint,
    push_subscriptions.blueprint,
    doors.doors,
    setup.blueprint,
    pwa.blueprint,
    intake.blueprint,
    receipts.blueprint,
)
EDGES = (session, security, errors, access, csrf, words, shell, pwa)  # who looks is known before what is around


def register(app: Flask) -> None:
    """Give `app` its pages, and what stands around every one of them."""
    for edge in EDGES:
        edge.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
