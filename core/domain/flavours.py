"""What MLflow's own description of a model, its file `MLmodel`, says in the registry's terms."""

import json
import re
from collections.abc import Mapping
from typing import Any

from core.domain.documents import check_document
from core.domain.shapes import MAX_TEXT_CHARACTERS
from core.errors import RegistryError

MLMODEL = "MLmodel"
REQUIREMENTS = "requirements.txt"
GENERIC = "python_function"
"""The flavour that nearly every model has beside its own."""
KEPT = (
    "mlflow_version", "model_id", "model_uuid", "model_size_bytes", "artifact_path",
    "utc_time_created", "run_id",
)  # fmt: skip
_PINNED = re.compile(r"\s*([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*==\s*([^\s;#,]+)", re.ASCII)


def described_by(mlmodel: Mapping[str, Any], requirements: str = "") -> dict[str, Any]:
    """The fields of a build that `MLmodel`, read as YAML, and the pinned lines of the
    `requirements.txt` beside it fill: signature, framework, environment, and what is MLflow's
    own under `mlflow` in the metadata. What has not the form that MLflow writes is left out."""
    flavours = mlmodel.get("flavors")
    flavours = flavours if isinstance(flavours, Mapping) else {}
    own = {
        "flavors": {name: _plain(said) for name, said in flavours.items()},
        **{name: mlmodel[name] for name in KEPT if name in mlmodel},
    }
    fields: dict[str, Any] = {
        "signature": _signature(mlmodel.get("signature")),
        "framework": _framework(flavours),
        "environment": _environment(flavours.get(GENERIC), requirements),
        "metadata": {"mlflow": _plain(own)},
    }
    return {name: value for name, value in fields.items() if value and _fits(name, value)}


def _signature(said: Any) -> dict[str, Any]:
    """Inputs, outputs and parameters, which `MLmodel` holds as JSON in text."""
    if not isinstance(said, Mapping):
        return {}
    read: dict[str, Any] = {}
    for name in ("inputs", "outputs", "params"):
        try:
            if (value := json.loads(said[name])) is not None:
                read[name] = value
        except (KeyError, TypeError, ValueError, RecursionError):
            continue
    return read


def _framework(flavours: Mapping[Any, Any]) -> dict[str, Any]:
    """The flavour that is the model's own, and the version of the library that it is of."""
    name = next((name for name in flavours if name != GENERIC), None)
    if name is None or not _is_text(name):
        return {}
    said = flavours[name]
    said = said if isinstance(said, Mapping) else {}
    known = (value for key, value in said.items() if str(key).endswith("_version"))
    version = next((value for value in known if _is_text(value)), None)
    return {"name": name} if version is None else {"name": name, "version": version}


def _environment(generic: Any, requirements: str) -> dict[str, Any]:
    python = generic.get("python_version") if isinstance(generic, Mapping) else None
    found = (_PINNED.match(line) for line in requirements.splitlines()[:1_000])
    packages = {each[1]: each[2] for each in found if each and _is_text(each[2])}
    environment: dict[str, Any] = {"python": python} if _is_text(python) else {}
    return {**environment, "packages": packages} if packages else environment


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT_CHARACTERS


def _plain(value: Any) -> Any:
    """The value as JSON can carry it: YAML has dates, and keys that are no text."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
    return str(value)


def _fits(name: str, value: Any) -> bool:
    """Whether the registry can store it: a model is registered even if it describes itself so."""
    try:
        check_document(name, value)
    except RegistryError:
        return False
    return True
