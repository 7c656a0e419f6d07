"""What came out of what: a run and the versions it produced."""

from core.domain.access import Action, Caller
from core.domain.runs import linked
from core.domain.versions import ModelVersion
from core.ports import Stores
from core.services.edits import put
from core.services.lookups import run_of


def note_output(stores: Stores, caller: Caller, run_id: int | None, version: ModelVersion) -> None:
    """Note in the run, if there is one, that the version came out of it. A training that was
    registered before is what this run produced as well.

    Raises `NotFound` for a run that is not there, `Forbidden` for a caller who may not log.
    """
    if run_id is None:
        return
    caller.require(Action.RUN_LOG, version.namespace)
    run = run_of(stores, version.namespace, str(run_id))
    output = {"kind": "version", "model": version.model, "number": version.number}
    at = max(run.updated_at, version.updated_at)
    after = linked(run, "outputs", [output], at=at, by=caller.principal.name)
    put(stores, caller, stores.runs, run, after, "linked")
