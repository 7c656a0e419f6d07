"""How MLflow's clients name models and versions."""

import re

from core.domain.versions import MAX_NUMBER, ByNumber
from core.errors import Invalid, NotFound
from handlers.api.mlflow.bodies import Fields
from handlers.api.names import name_within

_NUMBER = re.compile(r"[+-]?[0-9]+", re.ASCII)


def model_named(fields: Fields, name: str = "name") -> str:
    """The registry's name of the model that the request names. Raises `Invalid` for none."""
    return name_within(fields.required(name))


def new_model_name(fields: Fields, name: str = "name") -> str:
    """The same for a name that a model is to get, which has to be one for MLflow as well."""
    text = fields.required(name)
    if not text.strip() or set(text) & set("/:") or text.strip() in {".", ".."}:
        raise Invalid(
            f"Invalid model name: {text[:80]!a}.",
            next_step="Use text without slashes and colons, such as 'churn'.",
        )
    return name_within(text)


def version_numbered(fields: Fields) -> ByNumber:
    """The version that the request names. Raises `Invalid` for what is no whole number, and
    `NotFound` for one that no version ever has."""
    text = fields.required("version")
    if not _NUMBER.fullmatch(text):
        raise Invalid(
            f"Model version must be an integer, got {text[:40]!a}.",
            next_step="Send its number, such as '3'.",
        )
    number = int(text) if len(text) < 20 else 0
    if not 1 <= number <= MAX_NUMBER:
        raise NotFound(
            f"There is no version {text[:40]}.", next_step="Versions are numbered from 1."
        )
    return ByNumber(number)
