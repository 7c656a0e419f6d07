"""Versions from a source: what each kind of source makes of a version that is registered."""

import re
from dataclasses import replace
from typing import Any

from core.domain.access import Action
from core.domain.handovers import FromLogged, FromVersion
from core.domain.logged_files import FileOwner, OwnerKind
from core.domain.names import check_alias_name
from core.domain.versions import ByAlias, ByNumber, ModelVersion, OnRepeat
from core.errors import Forbidden, Invalid, NotFound
from handlers.api.mlflow.experiment_ids import shown_id
from handlers.api.mlflow.naming import new_model_name
from handlers.api.mlflow.roots import LoggedPlace, logged_model_root, place_in
from handlers.api.mlflow.routes import Asked
from handlers.api.mlflow.sources import Source, SourceKind, parse_source
from handlers.api.mlflow.tags import checked
from handlers.api.mlflow.wire.versions import download_uri
from handlers.api.names import name_within

OWNERS = {SourceKind.RUN: OwnerKind.RUN, SourceKind.LOGGED_MODEL: OwnerKind.LOGGED_MODEL}


def register_version(asked: Asked) -> ModelVersion:
    """Give the model its next version, from the source that the request names."""
    fields = asked.fields
    model, source = new_model_name(fields), parse_source(fields)
    described: dict[str, Any] = {
        "description": fields.text("description") or "",
        "tags": checked(fields.pairs("tags")),
    }
    run_link = fields.text("run_link")
    find = _followed if source.kind is SourceKind.VERSION else _traced
    traced, uri = find(asked, source)
    described["origin"] = _origin(traced, uri, run_link)
    if run := _run_of(asked, traced.run_id):
        described["run_id"] = run
    place = (asked.caller, asked.namespace, model, described)
    files = _files_of(asked, source)
    if files is None:
        return asked.registry.versions.register(*place, on_repeat=OnRepeat.NEW).version
    return asked.registry.handovers.register(*place, files, even_without=True).version


def _files_of(asked: Asked, source: Source) -> FromLogged | FromVersion | None:
    """Where the registry has the bytes of a source; None if it cannot have them. Whatever is not
    there is not copied: a client that logs elsewhere finds them itself."""
    rest = source.text.partition(":")[2]
    if source.kind is SourceKind.VERSION:
        return FromVersion(name_within(source.model or ""), _reference(source))
    if source.kind is SourceKind.STORED:
        place = place_in(asked.namespace, re.sub(r"^//[^/]*", "", rest).lstrip("/"))
        return FromLogged(place.owner, place.path) if isinstance(place, LoggedPlace) else None
    if source.kind in OWNERS:
        id, _, folder = rest.lstrip("/").partition("/")
        return FromLogged(FileOwner(asked.namespace, OWNERS[source.kind], id), folder)
    return None


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


def _run_of(asked: Asked, run_id: str | None) -> int | None:
    """The run, if it is one that is here: the version is noted as what came out of it."""
    if run_id is None or not asked.caller.may(Action.RUN_LOG, asked.namespace):
        return None
    try:
        return asked.registry.runs.get(asked.caller, asked.namespace, run_id).id
    except (NotFound, Forbidden):
        return None


def _traced(asked: Asked, source: Source) -> tuple[Source, str | None]:
    """A source of a logged model that is here: of the run that made it, and where its files are."""
    if source.model_id is None:
        return source, None
    try:
        model = asked.registry.logged_models.get(asked.caller, asked.namespace, source.model_id)
    except (NotFound, Forbidden):
        return source, None
    run_id = source.run_id or (None if model.run_id is None else str(model.run_id))
    source = replace(source, run_id=run_id)
    if source.kind is not SourceKind.LOGGED_MODEL:
        return source, None
    experiment = shown_id(asked.registry, asked.caller, asked.namespace, model.experiment_id)
    return source, logged_model_root(experiment, model.model_id)


def _followed(asked: Asked, source: Source) -> tuple[Source, str]:
    """A source that names another version: of the run and logged model that it is of, and where
    its bytes are. Raises `NotFound` if there is none, and `Invalid` for an alias that is none."""
    model, reference = name_within(source.model or ""), _reference(source)
    try:
        found = asked.registry.versions.get(asked.caller, asked.namespace, model, reference)
    except NotFound as error:
        if source.alias is None:
            raise
        asked.registry.models.get(asked.caller, asked.namespace, model)
        raise Invalid(error.message, next_step=error.next_step) from None
    same: dict[str, Any] = {
        name: getattr(source, name) or found.origin.get(name) for name in ("run_id", "model_id")
    }
    return replace(source, **same), download_uri(found)


def _reference(source: Source) -> ByNumber | ByAlias:
    if source.alias is None:
        return ByNumber(source.number or 0)
    return ByAlias(check_alias_name(source.alias))
