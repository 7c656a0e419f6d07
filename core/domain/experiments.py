"""An experiment: the runs that try to answer one question."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.common import DESCRIBING, Described, check_common
from core.domain.fields import Field, FieldKind, Fields, common_fields
from core.domain.names import check_namespace_name, check_text
from core.domain.retention import Retention
from core.errors import Invalid

MAX_NAME_CHARACTERS = 500

DEFAULT = "Default"
"""The name of the experiment that is there for whoever names none."""

MAX_LOCATION_CHARACTERS = 2_048

FORGOTTEN: Mapping[str, Any] = {
    "description": "",
    "tags": {},
    "metadata": {},
    "custom_properties": {},
    "external_id": None,
    "owner": None,
    "purge_at": None,
}
"""What nothing is left of when something is purged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment(Described):
    """Identified by its name in the namespace, and by a decimal id that no other one ever has.

    `artifact_location` is where clients put what its runs leave; it is recorded, never followed.
    A deleted one can be undeleted, with its runs, until `purge_at`.
    """

    id: int
    namespace: str
    name: str
    artifact_location: str | None = None
    state: Retention = Retention.ACTIVE
    purge_at: datetime | None = None

    @property
    def retention(self) -> Retention:
        """How it is kept: its state."""
        return self.state

    def patchable(self) -> frozenset[str]:
        """The fields that can be changed once the experiment is there."""
        return DESCRIBING | {"name"}

    def free(self) -> frozenset[str]:
        """The fields that hold whatever callers put there."""
        return DESCRIBING

    def __post_init__(self) -> None:
        check_namespace_name(self.namespace)
        check_run_name("experiment name", self.name)
        check_common(self)
        if self.artifact_location is not None:
            check_text(
                "artifact location", self.artifact_location, max_characters=MAX_LOCATION_CHARACTERS
            )


def check_run_name(what: str, name: Any) -> str:
    """Return the name of an experiment or run, printable text of at most 500 characters; raise
    `Invalid`."""
    if not isinstance(name, str):
        raise Invalid(f"The {what} is no text.", next_step="Give it a name.")
    return check_text(what, name, max_characters=MAX_NAME_CHARACTERS)


EXPERIMENT_FIELDS = Fields(
    "experiment",
    {
        "name": Field(FieldKind.TEXT, "name"),
        "state": Field(FieldKind.TEXT, "state"),
        **common_fields(),
    },
)
"""What of an experiment can be searched."""
