"""The HTTP edge: one blueprint per noun."""

from flask import Flask

from app.web import (
    access,
    csrf,
    doors,
    errors,
    intake,
    me,
    push_subscriptions,
    pwa,
    receipts,
    security,
    services,
    session,
    setup,
    teams,
    words,
)

BLUEPRINTS = (
    doors.doors,
    setup.blueprint,
    me.blueprint,
    push_subscriptions.blueprint,
    services.blueprint,
    teams.blueprint,
    intake.blueprint,
    receipts.blueprint,
)
EDGES = (session, security, errors, access, csrf, words, pwa)  # who looks is known before what is around


def register(app: Flask) -> None:
    """Give `app` its pages, and what stands around every one of them."""
    for edge in EDGES:
        edge.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
