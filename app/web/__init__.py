"""The HTTP edge: one blueprint per noun."""

from flask import Flask

from app.web import access, csrf, doors, errors, push_subscriptions, pwa, receipts, security, session, words

BLUEPRINTS = (
    doors.doors,
    push_subscriptions.blueprint,
    receipts.blueprint,
)
EDGES = (session, security, errors, access, csrf, words, pwa)  # who looks is known before what is around


def register(app: Flask) -> None:
    """Give `app` its pages, and what stands around every one of them."""
    for edge in EDGES:
        edge.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
