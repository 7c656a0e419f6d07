"""Answers as MLflow's clients read them: always 200, and what is empty left out."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response


def answered(body: Mapping[str, Any] | None = None) -> Response:
    """A JSON object, at the top as it is given: None for nothing to say."""
    return Response(orjson.dumps(body or {}), media_type="application/json")


def present(**fields: Any) -> dict[str, Any]:
    """The fields that say something: neither None nor empty text, lists or maps."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}
