"""What OpenAPI says of each route: bodies from the tables that read them, answers from the records that make them.

Source     api.md; issue 2 (OpenAPI is complete, with examples).
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from fastapi import Response

from stopline.doors.native.errors import ErrorBody
from stopline.doors.native.fields import Form

Schema = dict[str, Any]
REF: Final = "#/components/schemas/{name}"

_shown: dict[str, type] = {}
"""Records that some route answers with, by name."""

ERRORS: Final[Mapping[int, tuple[str, Schema]]] = {
    400: (
        "The request is not one that this door serves",
        {
            "error": "host_not_allowed",
            "message": "this door does not answer to the name example.com",
            "fix": "use http://127.0.0.1:8082",
        },
    ),
    403: (
        "Not allowed",
        {
            "error": "not_allowed",
            "message": "limits of 'paper' cannot be loosened while it is reducing",
            "fix": "tightening is always possible",
        },
    ),
    404: (
        "Nobody knows it",
        {
            "error": "unknown_order",
            "message": "no order 'TEST-001' in account 'paper'",
            "fix": "look at GET /api/orders",
        },
    ),
    409: (
        "It does not fit what is",
        {
            "error": "condition_persists",
            "message": "the day's P&L is -5100.00, at or below -5000.00",
            "fix": "the breaker can be reset once its cause is gone",
        },
    ),
    413: (
        "The body is too large",
        {
            "error": "body_too_large",
            "message": "the body is larger than 65536 bytes",
            "fix": "send at most 65536 bytes",
        },
    ),
    422: (
        "Malformed: nothing was decided and no id is used up",
        {
            "error": "invalid_request",
            "message": "quantity: 'NaN' is not a decimal number such as 175.25",
            "fix": "a quantity such as 100, as a JSON number or string",
            "field": "quantity",
            "problems": [
                {
                    "field": "quantity",
                    "message": "'NaN' is not a decimal number such as 175.25",
                    "fix": "a quantity such as 100, as a JSON number or string",
                }
            ],
        },
    ),
    503: (
        "Nothing is decided now; send it again later, under the same id",
        {
            "error": "store_unavailable",
            "message": "the store refuses to record decisions (store_full), so nothing new is decided or sent",
            "fix": "send it again later, under the same id",
        },
    ),
}


def ref(record: type) -> Schema:
    """Return a reference to a record's schema."""
    _shown[record.__name__] = record
    return {"$ref": REF.format(name=record.__name__)}


def answer(text: str, record: type | Schema, example: Any) -> dict[str, Any]:
    """Return what OpenAPI says of one answer."""
    schema = record if isinstance(record, dict) else ref(record)
    return {"description": text, "content": {"application/json": {"schema": schema, "example": example}}}


def error_answers(statuses: tuple[int, ...]) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of these errors."""
    return {status: answer(ERRORS[status][0], ErrorBody, ERRORS[status][1]) for status in statuses}


def body_of(form: Form, example: Any, *, required: bool = True) -> dict[str, Any]:
    """Return what OpenAPI says of a body that `form` reads."""
    return {"required": required, "content": {"application/json": {"schema": schema_of(form), "example": example}}}


def schema_of(form: Form) -> Schema:
    """Return the schema of the objects that `form` reads."""
    schema: Schema = {
        "type": "object",
        "properties": {key: _property(field.schema, nullable=field.nullable) for key, field in form.items()},
        "additionalProperties": False,
    }
    needed = [key for key, field in form.items() if field.required]
    if needed:
        schema["required"] = needed
    return schema


def _property(schema: Schema, *, nullable: bool) -> Schema:
    if not nullable:
        return schema
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return {**schema, "type": [*kinds, "null"]}


def page(
    summary: str,
    text: str,
    answers: dict[int | str, dict[str, Any]],
    *,
    errors: tuple[int, ...] = (),
    body: dict[str, Any] | None = None,
    tag: str = "orders",
) -> dict[str, Any]:
    """Return the keywords that document a FastAPI route."""
    first = next(iter(answers))
    return {
        "summary": summary,
        "description": text,
        "status_code": int(first),
        "response_class": Response,
        "response_model": None,
        "responses": {**error_answers((400, 422, *errors)), **answers},
        "tags": [tag],
        "openapi_extra": {} if body is None else {"requestBody": body},
    }


def operation(keywords: dict[str, Any], operation_id: str) -> dict[str, Any]:
    """Return the same as an OpenAPI operation, for a route that FastAPI does not serve."""
    return {
        "summary": keywords["summary"],
        "description": keywords["description"],
        "operationId": operation_id,
        "tags": keywords["tags"],
        "responses": {str(status): said for status, said in keywords["responses"].items()},
        **keywords["openapi_extra"],
    }


def schemas() -> dict[str, Schema]:
    """Return the schemas of all records that some route answers with."""
    _, components = msgspec.json.schema_components(_shown.values(), ref_template=REF)
    return components
