"""Versions from a source: what each kind of source makes of a version that is registered."""

from dataclasses import replace
from typing import Any

from core.domain.names import check_alias_name
from core.domain.versions import ByAlias, ByNumber, ModelVersion, OnRepeat
from core.errors import Invalid, NotFound
from handlers.api.mlflow.naming import new_model_name
from handlers.api.mlflow.routes import Asked
from handlers.api.mlflow.sources import Source, SourceKind, parse_source
from handlers.api.mlflow.tags import checked
from handlers.api.mlflow.wire.versions import download_uri
from handlers.api.names import name_within


def register_version(asked: Asked) -> ModelVersion:
    """Give the model its next version, from the source that the request names."""
    fields = asked.fields
    model, source = new_model_name(fields), parse_source(fields)
    described: dict[str, Any] = {
        "description": fields.text("description") or "",
        "tags": checked(fields.pairs("tags")),
    }
    run_link = fields.text("run_link")
    if source.kind is SourceKind.VERSION:
        described["origin"] = _origin(*_followed(asked, source), run_link)
    else:
        described["origin"] = _origin(source, None, run_link)
    return asked.registry.versions.register(
        asked.caller, asked.namespace, model, described, on_repeat=OnRepeat.NEW
    ).version


def _origin(source: Source, uri: str | None, run_link: str | None) -> dict[str, str]:
    """What is kept of where a version came from."""
    said = {
        "source": source.text,
        "uri": uri,
        "run_id": source.run_id,
        "run_link": run_link or None,
        "model_id": source.model_id,
    }
    return {name: value for name, value in said.items() if value is not None}


def _followed(asked: Asked, source: Source) -> tuple[Source, str]:
    """A source that names another version: of the run and logged model that it is of, and where
    its bytes are. Raises `NotFound` if there is none, and `Invalid` for an alias that is none."""
    model = name_within(source.model or "")
    if source.alias is None:
        reference: ByNumber | ByAlias = ByNumber(source.number or 0)
    else:
        reference = ByAlias(check_alias_name(source.alias))
    try:
        found = asked.registry.versions.get(asked.caller, asked.namespace, model, reference)
    except NotFound as error:
        if source.alias is None:
            raise
        asked.registry.models.get(asked.caller, asked.namespace, model)
        raise Invalid(error.message, next_step=error.next_step) from None
    same = {
        name: getattr(source, name) or found.origin.get(name) for name in ("run_id", "model_id")
    }
    return replace(source, **same), download_uri(found)
