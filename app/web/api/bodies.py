"""Requests read into shapes and shapes written as JSON, strictly: the way APIFlask meets pydantic here.

APIFlask's own adapter guesses at the content type, drops repeated parameters and loses where an error is; ours
takes its place through APIFlask's registry.
"""

import json
import math
from typing import Any

from apiflask.schema_adapters import registry
from apiflask.schema_adapters.pydantic import PydanticAdapter
from flask import Request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from werkzeug.datastructures import MultiDict

from app.web.api.problems import Problem

LARGEST_BODY = 1024 * 1024  # bytes
MOST_ERRORS = 20
DEEPEST = 100  # levels of nesting
REFERENCE = "#/components/schemas/{model}"


class Bodies(PydanticAdapter):
    """Read from the body or the address; answer with what the shape says."""

    def validate_input(self, request: Request, location: str, **_options: Any) -> BaseModel:
        if location == "query":
            return read_parameters(self.model_class, request.args)
        if location == "headers":
            named = {
                name: request.headers.get(name.replace("_", "-")) for name in self.model_class.model_fields
            }
            return self.model_class.model_validate(named)
        return read_body(self.model_class, request)

    def serialize_output(self, data: Any, many: bool = False) -> Any:  # noqa: ARG002 - APIFlask passes it
        return data.model_dump(mode="json", by_alias=True) if isinstance(data, BaseModel) else data

    def get_openapi_schema(self, **_options: Any) -> dict[str, Any]:
        # one component per shape, whoever refers to it: docs.py lifts the nested ones out of their parents
        return self.model_class.model_json_schema(
            ref_template="#/components/schemas/{model}", mode="validation"
        )

    def get_schema_name(self) -> str:
        return component_name(self.model_class.__name__)


def install() -> None:
    """Let APIFlask use this adapter for every pydantic shape."""
    registry.register("pydantic", Bodies)


def component_name(name: str) -> str:
    """`Listing[Team]` as a component of the document, where brackets are not allowed: `Listing_Team_`."""
    return name.replace("[", "_").replace("]", "_")


def read_body(model: type[BaseModel], request: Request) -> BaseModel:
    """The JSON body as `model`. Nothing at all counts as `{}`. Raises Problem 400, 413, 415 or 422."""
    request.max_content_length = LARGEST_BODY
    raw = request.get_data(cache=False)
    if not raw:
        raw = b"{}"
    elif not request.is_json:
        raise Problem(415, "The body is expected as application/json.", headers={"Accept": "application/json"})
    try:
        _refuse_what_cannot_be_kept(json.loads(raw, parse_constant=_no_number))
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError is a ValueError
        raise Problem(400, f"The body is not JSON: {_short(error)}") from error
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise _as_problem(error, "#/", "The body does not have the expected shape.") from error


def read_parameters(model: type[BaseModel], given: MultiDict[str, str]) -> BaseModel:
    """The address's parameters as `model`; one that may be repeated is a list. Raises Problem 422."""
    values: dict[str, Any] = {}
    for name, texts in given.lists():
        field = model.model_fields.get(name)
        if field is not None and _is_list(field.annotation):
            values[name] = texts
        elif len(texts) > 1:
            raise Problem(
                422,
                "A parameter is not as expected.",
                errors=[{"pointer": f"?{name}", "detail": "This parameter may be given once."}],
            )
        else:
            values[name] = texts[0]
    try:
        _refuse_what_cannot_be_kept(values, root="?")
        return model.model_validate(values)
    except ValidationError as error:
        raise _as_problem(error, "?", "A parameter is not as expected.") from error


def _as_problem(error: ValidationError, root: str, sentence: str) -> Problem:
    found = error.errors(include_url=False, include_input=False)
    return Problem(
        422,
        sentence,
        errors=[
            {
                "pointer": _pointer(root, each["loc"] if root == "#/" else each["loc"][:1]),
                "detail": _detail(each),
            }
            for each in found[:20]
        ],
    )


def _pointer(root: str, path: tuple[int | str, ...]) -> str:
    """A JSON pointer (RFC 6901) to the field at fault; the whole body is `#`."""
    if not path:
        return root.rstrip("/")
    return root + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _detail(error: ErrorDetails) -> str:
    match error["type"]:
        case "extra_forbidden":
            return "There is no such field."
        case "missing":
            return "This field is required."
        case "value_error":
            return str(error["ctx"]["error"])
        case _:
            return error["msg"]


def _refuse_what_cannot_be_kept(value: Any, path: tuple[int | str, ...] = (), *, root: str = "#/") -> None:
    """NUL, half characters and numbers without end pass Python's parser and break a database later."""
    match value:
        case str() if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise _unkept(root, path, "This text holds a character that cannot be kept.")
        case float() if not math.isfinite(value):
            raise _unkept(root, path, "This number is too large.")
        case dict() | list() if len(path) >= DEEPEST:
            raise _unkept(root, path[:5], f"At most {DEEPEST} levels are expected.")
        case dict():
            for name, each in value.items():
                _refuse_what_cannot_be_kept(name, path, root=root)
                _refuse_what_cannot_be_kept(each, (*path, name), root=root)
        case list():
            for index, each in enumerate(value):
                _refuse_what_cannot_be_kept(each, (*path, index), root=root)


def _unkept(root: str, path: tuple[int | str, ...], detail: str) -> Problem:
    return Problem(
        422,
        "The request holds what cannot be kept.",
        errors=[{"pointer": _pointer(root, path), "detail": detail}],
    )


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is not a JSON number")


def _short(error: BaseException) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]


def _is_list(annotation: Any) -> bool:
    return getattr(annotation, "__origin__", None) is list
