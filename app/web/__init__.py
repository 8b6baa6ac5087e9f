"""The HTTP edge: one blueprint per noun."""

from flask import Blueprint, Flask

BLUEPRINTS: tuple[Blueprint, ...] = ()


def register(app: Flask) -> None:
    """Give `app` its pages."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
