"""Answers about registered models."""

from datetime import datetime
from typing import Any, Literal

from handlers.api.v1.document.common import Described
from handlers.api.v1.document.holds import Hold


class RegisteredModel(Described):
    """The name under which versions and aliases are kept."""

    id: str
    namespace: str
    name: str
    model_type: str | None
    card: dict[str, Any]
    state: Literal["active", "archived", "deleted", "purged"]
    last_version: int
    aliases: dict[str, int]
    stages: dict[str, int]
    compliance: dict[str, Any]
    holds: list[Hold]
    held_versions: list[int]
    deleted_at: datetime | None
    purge_at: datetime | None
