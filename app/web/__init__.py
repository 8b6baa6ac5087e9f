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
    now,
    pwa,
    receipts,
    security,
    session,
    shell,
    words,
)

BLUEPRINTS = (
    now.blueprint,
    alerts.blueprint,
    incidents.blueprint,
    intake.blueprint,
    receipts.blueprint,
    doors.doors,
    pwa.blueprint,
)
EDGES = (session, security, errors, access, csrf, words, shell, pwa)  # who looks is known before what is around


def register(app: Flask) -> None:
    """Give `app` its pages, and what stands around every one of them."""
    for edge in EDGES:
        edge.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
