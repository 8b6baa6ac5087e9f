"""A noun of the API: its collection under /api/v1, its place in the document, its door."""

from apiflask import APIBlueprint

from app.web.api import auth, bodies, problems

ROOT = "/api/v1"


def noun(name: str, about: str) -> APIBlueprint:
    """The blueprint of a collection such as `time-off`; whoever calls is known before a view runs."""
    bodies.install()  # before the first view is decorated
    blueprint = APIBlueprint(
        f"api_{name.replace('-', '_')}",
        __name__,
        tag={"name": name, "description": about},
        url_prefix=f"{ROOT}/{name}",
    )
    blueprint.before_request(auth.authenticate)
    blueprint.register_error_handler(Exception, problems.answer)
    return blueprint
