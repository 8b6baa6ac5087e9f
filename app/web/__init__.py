"""The HTTP edge: one blueprint per noun."""

from flask import Blueprint, Flask

from app.web import intake, receipts

BLUEPRINTS: tuple[Blueprint, ...] = (intake.blueprint, receipts.blueprint)


def register(app: Flask) -> None:
    """Give `app` its pages."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
