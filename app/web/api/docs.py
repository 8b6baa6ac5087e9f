"""What the API is, told to programs (/api/openapi.json) and people (/api/docs), from the routes themselves."""

from typing import Any

from apiflask import APIFlask
from flask import Blueprint, Flask, current_app, render_template
from flask.typing import ResponseReturnValue

from app.web.api.bodies import REFERENCE
from app.web.api.noun import ROOT
from app.web.api.problems import MEDIA_TYPE
from app.web.api.shapes.common import Problem

pages = Blueprint("api_docs", __name__)

DESCRIPTION = """\
Everything Nightbell keeps can be read and changed here by programs.

Send a personal token as `Authorization: Bearer nb_…`; `nightbell token create` makes one. A token has the scope
`read`, `write` (which reads too) or `admin` (which does both), and never more rights than its person has now.
Ids are opaque text and never change. Moments are RFC 3339 in UTC. Errors are RFC 9457 problem details.
A list answers at most `limit` items and a `next_cursor`; a parameter given twice means either.
A field that this document does not name is refused.
"""
SETTINGS: dict[str, Any] = {
    "OPENAPI_VERSION": "3.1.0",
    "INFO": {"license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}, "description": DESCRIPTION},
    "SERVERS": [{"url": "/"}],
    "SECURITY_SCHEMES": {
        "token": {"type": "http", "scheme": "bearer", "description": "A personal token with a scope."},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "__Host-nightbell",
            "description": "The app's own pages. Changes also need to come from the same origin.",
        },
    },
    "AUTO_200_RESPONSE": False,
    "AUTO_404_RESPONSE": False,
    "AUTO_AUTH_ERROR_RESPONSE": False,
    "AUTO_VALIDATION_ERROR_RESPONSE": False,
    "AUTO_OPERATION_ID": True,
}


def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI 3.1 document of /api/v1, made once."""
    if "openapi" not in app.extensions:
        api: APIFlask = app.extensions["api"]
        with api.app_context():
            made = api.spec
        assert isinstance(made, dict)
        app.extensions["openapi"] = _tidied(made)
    found: dict[str, Any] = app.extensions["openapi"]
    return found


@pages.get("/api/openapi.json")
def openapi() -> ResponseReturnValue:
    return document(current_app)


@pages.get("/api/docs")
def docs() -> str:
    return render_template("api/docs.html", document=document(current_app))


def _tidied(made: dict[str, Any]) -> dict[str, Any]:
    """Only our paths, each with its name, security and refusals; every shape once, by its own name."""
    components, paths = made["components"], made["paths"]
    made["paths"] = {path: paths[path] for path in sorted(paths) if path.startswith(ROOT)}
    problem = Problem.model_json_schema(ref_template=REFERENCE)
    shapes = {**components.get("schemas", {}), **problem.pop("$defs"), "Problem": problem}
    for name in [name for name in shapes if "." in name]:  # a shape within a shape, named after its parent
        nested = shapes.pop(name)
        shapes.setdefault(name.rpartition(".")[2], nested)
    components["schemas"] = {name: shapes[name] for name in sorted(shapes)}
    components["responses"] = {
        name: {
            "description": sentence,
            "content": {MEDIA_TYPE: {"schema": {"$ref": REFERENCE.format(model="Problem")}}},
        }
        for name, (_, sentence) in _REFUSALS.items()
    }
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            noun = operation["tags"][0].replace("-", "_")
            operation["operationId"] = operation["operationId"].removeprefix(f"{method}_api_{noun}_")
            for parameter in operation["parameters"]:
                if parameter["in"] == "header":
                    parameter["name"] = parameter["name"].title()
            operation["security"] = [{"token": []}, {"session": []}]
            for name in _refusals(path, operation):
                operation["responses"][_REFUSALS[name][0]] = {"$ref": f"#/components/responses/{name}"}
    tags = {
        tag for operations in made["paths"].values() for each in operations.values() for tag in each["tags"]
    }
    made["tags"] = [tag for tag in made["tags"] if tag["name"] in tags]
    return made


def _refusals(path: str, operation: dict[str, Any]) -> list[str]:
    """The refusals an operation must be ready to tell of."""
    names = ["Unauthorized", "Forbidden", "Unavailable"]
    if "{" in path:
        names.append("NotFound")
    if "requestBody" in operation:
        names += ["BadRequest", "Conflict", "TooLarge", "UnsupportedMediaType"]
    if "requestBody" in operation or operation["parameters"]:
        names.append("Unprocessable")
    if any(parameter["name"] == "If-Match" for parameter in operation["parameters"]):
        names.append("PreconditionFailed")
    return names


_REFUSALS = {
    "BadRequest": ("400", "The body is not JSON."),
    "Unauthorized": ("401", "No token, or one that is unknown, expired or revoked."),
    "Forbidden": ("403", "The token's scope or its person's role does not reach this."),
    "NotFound": ("404", "There is none, or none that this person may see."),
    "Conflict": ("409", "The present state does not allow it; the sentence says why."),
    "PreconditionFailed": ("412", "It has changed since it was read."),
    "TooLarge": ("413", "The body is larger than 1 MiB."),
    "UnsupportedMediaType": ("415", "The body is not application/json."),
    "Unprocessable": ("422", "A field is missing, unknown or not as expected; `errors` says which."),
    "Unavailable": ("503", "The database does not answer; `Retry-After` says when to try again."),
}
