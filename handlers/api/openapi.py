"""Writes the OpenAPI document that the native dialect serves: `make openapi`.

Generating it takes seconds of CPU, so it is done when the routes change and never in a function;
a test holds the committed file to the routes.
"""

import json
import sys
from typing import Any

from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from handlers.api.problems import TITLE
from handlers.api.v1 import document
from handlers.api.v1.app import GROUPS, router_of
from handlers.api.v1.routes.openapi import DOCUMENT

REFERENCE = "#/components/schemas/{model}"
VERSION = "1"


def generate() -> dict[str, Any]:
    """The document, from the routes and the answer types that they name."""
    routes = [route for group in GROUPS for route in router_of(group).routes]
    openapi = get_openapi(
        title="Modelry",
        version=VERSION,
        summary="A serverless registry for machine-learning models.",
        routes=routes,
        servers=[{"url": "/api/v1"}],
    )
    _, definitions = models_json_schema(
        [(answer, "serialization") for answer in document.ANSWERS], ref_template=REFERENCE
    )
    components = openapi.setdefault("components", {})
    schemas = {**components.get("schemas", {}), **definitions["$defs"]}
    components["schemas"] = {
        name: schemas[name]
        for name in sorted(schemas)
        if name not in {"HTTPValidationError", "ValidationError"}
    }
    components["responses"] = {f"Problem{status}": _problem(status) for status in sorted(TITLE)}
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    openapi["security"] = [{"bearer": []}]
    for operations in openapi["paths"].values():
        for operation in operations.values():
            _tidy(operation)
    return openapi


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": REFERENCE.format(model="Problem")}
    return {
        "description": TITLE[status],
        "content": {"application/problem+json": {"schema": schema}},
    }


def _tidy(operation: dict[str, Any]) -> None:
    """FastAPI's own 422 and its placeholder answers go: the routes say all of theirs."""
    for status, answer in list(operation["responses"].items()):
        content = answer.get("content", {}).get("application/json", {})
        if content.get("schema") == {} or "HTTPValidationError" in json.dumps(answer):
            answer.pop("content")
        if status == "422":
            operation["responses"]["422"] = {"$ref": "#/components/responses/Problem422"}
    operation["responses"] = dict(sorted(operation["responses"].items()))


def text(openapi: dict[str, Any]) -> str:
    """As it is committed."""
    return json.dumps(openapi, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(text(generate()), encoding="utf-8")
    sys.stdout.write(f"wrote {DOCUMENT.name}\n")
