"""What the operations on runs have in common: naming one, starting one, showing one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.domain.retention import READABLE
from core.domain.runs import Run, RunStatus
from core.errors import Invalid, NotFound
from handlers.api.mlflow.bodies import Fields
from handlers.api.mlflow.experiment_ids import experiment_called, shown_id
from handlers.api.mlflow.lifecycle import active
from handlers.api.mlflow.routes import Asked
from handlers.api.mlflow.wire.common import moment
from handlers.api.mlflow.wire.runs import NAME, PARENT
from handlers.api.mlflow.wire.runs import run as shape

_STATUSES = {status.value.upper(): status for status in RunStatus}


def run_id_of(fields: Fields) -> str:
    """The id of the run that is meant; older clients call it `run_uuid`. Raises `Invalid`."""
    return fields.text("run_id") or fields.text("run_uuid") or fields.required("run_id")


@contextmanager
def acting(asked: Asked) -> Iterator[str]:
    """The id of the run that is meant; what is done in this block needs it to be active."""
    run_id = run_id_of(asked.fields)

    def again() -> Run:
        return asked.registry.runs.get(asked.caller, asked.namespace, run_id, even_deleted=True)

    with active(f"run {run_id}", again):
        yield run_id


def shown_run(asked: Asked, found: Run) -> dict[str, Any]:
    """The run as it is shown."""
    number = found.experiment_id
    return shape(found, shown_id(asked.registry, asked.caller, asked.namespace, number))


def shown_status(text: str) -> RunStatus:
    """The status of this name. Raises `Invalid`."""
    if text not in _STATUSES:
        raise Invalid(
            f"Invalid value {text[:60]!a} for parameter 'status'.",
            next_step=f"Choose one of {', '.join(_STATUSES)}.",
        )
    return _STATUSES[text]


def started(asked: Asked) -> Run:
    """A new run. Tags that say its name and its parent are these: what is said beside them counts
    for the name, and a parent that is not there stays a tag."""
    fields = asked.fields
    owner = experiment_called(
        asked.registry, asked.caller, asked.namespace, fields.required("experiment_id")
    )
    if owner.state not in READABLE:
        raise Invalid(
            f"The experiment {owner.id} must be in the 'active' state. Current state is deleted.",
            next_step="Restore it first.",
        )
    tags = fields.pairs("tags")
    name = fields.text("run_name") or tags.pop(NAME, None) or None
    tags.pop(NAME, None)
    described: dict[str, Any] = {"tags": tags}
    if user := fields.text("user_id"):
        described["owner"] = user
    return asked.registry.runs.create(
        asked.caller,
        asked.namespace,
        str(owner.id),
        described,
        name=name,
        parent=_parent(asked, tags.get(PARENT)),
        started_at=moment(fields.number("start_time") or None, "start_time"),
    )


def experiment_numbers(asked: Asked) -> list[int]:
    """The experiments that a search is to look in; those that are not there have nothing."""
    found = []
    for id in dict.fromkeys(asked.fields.texts("experiment_ids")):
        try:
            found.append(experiment_called(asked.registry, asked.caller, asked.namespace, id).id)
        except NotFound:
            asked.registry.namespaces.get(asked.caller, asked.namespace)
    return found


def _parent(asked: Asked, said: str | None) -> str | None:
    if said is None:
        return None
    try:
        asked.registry.runs.get(asked.caller, asked.namespace, said)
    except NotFound:
        return None
    return said
