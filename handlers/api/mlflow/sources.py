"""Where a version's bytes are, as the client says it: `source`, held to rules and never followed.

Bytes that are the registry's own are named by a run (`runs:/…`), a logged model (`models:/m-…`),
their place (`mlflow-artifacts:/…`) or another version (`models:/name/3`); addresses of other
stores are kept as they are.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

from core.errors import Invalid
from handlers.api.mlflow.bodies import Fields

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(.*)", re.DOTALL)
_LOGGED_MODEL = re.compile(r"/*(m-[0-9a-f]{32})(?:/.*)?", re.DOTALL)
_VERSION = re.compile(r"/*([^/@]+)(?:/([0-9]+)|@([^/]+))", re.DOTALL)
_RUN = re.compile(r"/*([^/]+)(?:/.*)?", re.DOTALL)
_STORED = re.compile(r"/*[^/]+/(?:models/(m-[0-9a-f]{32})|([^/]+))/artifacts(?:/.*)?", re.DOTALL)
_UNQUOTED = 5
"""So often an address may be percent-encoded over and over."""


class SourceKind(StrEnum):
    """What a source names."""

    ELSEWHERE = "elsewhere"
    RUN = "run"
    LOGGED_MODEL = "logged-model"
    STORED = "stored"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class Source:
    """A source that keeps the rules. `model`, with `number` or `alias`, is the version that it
    names, if it names one."""

    kind: SourceKind
    text: str
    run_id: str | None = None
    model_id: str | None = None
    model: str | None = None
    number: int | None = None
    alias: str | None = None


def parse_source(fields: Fields) -> Source:
    """The source of a version that is to be. Raises `Invalid` for what climbs or is a local path,
    and for what belongs to another run or logged model than the request names."""
    text, run_id, model_id = (
        fields.required("source"),
        fields.text("run_id"),
        fields.text("model_id"),
    )
    found = _SCHEME.fullmatch(text)
    if found is None:
        raise _invalid(text, "is a path on the client's machine, which nobody else can read")
    scheme, rest = found[1].lower(), found[2]
    _check_does_not_climb(text, rest)
    run_id, model_id = run_id or None, model_id or None
    if scheme in {"file", "http", "https"}:
        raise _invalid(text, f"begins with {scheme}:, and is no place where models are kept")
    if scheme == "runs":
        if (named := _RUN.fullmatch(rest)) is None or named[1] != run_id:
            raise _invalid(text, "belongs to another run than 'run_id' names")
        return Source(SourceKind.RUN, text, run_id, model_id)
    if scheme == "mlflow-artifacts":
        _check_owned(text, rest, run_id, model_id)
        return Source(SourceKind.STORED, text, run_id, model_id)
    if scheme != "models":
        return Source(SourceKind.ELSEWHERE, text, run_id, model_id)
    if named := _LOGGED_MODEL.fullmatch(rest):
        if named[1] != model_id:
            raise _invalid(text, "names another logged model than 'model_id'")
        return Source(SourceKind.LOGGED_MODEL, text, run_id, model_id)
    named = _VERSION.fullmatch(rest)
    if named is None:
        raise _invalid(text, "names no version: write models:/name/3 or models:/name@alias")
    number = int(named[2][:10]) if named[2] else None
    return Source(SourceKind.VERSION, text, run_id, model_id, named[1], number, named[3])


def _check_owned(text: str, rest: str, run_id: str | None, model_id: str | None) -> None:
    named = _STORED.fullmatch(re.sub(r"^//[^/]*(?=/)", "", rest))
    owner = None if named is None else named[1] or named[2]
    if owner is None or owner not in {run_id, model_id}:
        raise _invalid(text, "lies neither under the run 'run_id' nor the model 'model_id'")


def _check_does_not_climb(text: str, rest: str) -> None:
    """No segment is `..`, however often it is encoded."""
    for _ in range(_UNQUOTED):
        if ".." in re.split(r"[/\\]", rest):
            raise _invalid(text, "climbs with '..'")
        plain = unquote(rest)
        if plain == rest:
            return
        rest = plain
    raise _invalid(text, "is encoded over and over")


def _invalid(text: str, why: str) -> Invalid:
    return Invalid(
        f"Invalid model version source: {text[:200]!a} {why}.",
        next_step="Log the model to a run first, or give an address of a store, such as s3://….",
    )
