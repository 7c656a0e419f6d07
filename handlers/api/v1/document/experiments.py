"""Answers about experiments."""

from datetime import datetime
from typing import Literal

from handlers.api.v1.document.common import Described


class Experiment(Described):
    """What runs belong to."""

    id: str
    namespace: str
    name: str
    artifact_location: str | None
    state: Literal["active", "archived", "deleted", "purged"]
    purge_at: datetime | None
