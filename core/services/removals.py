"""Taking away what belongs to a version: its bytes, and what was found out about it."""

from core.domain.access import Caller
from core.domain.subjects import event_of
from core.domain.versions import ModelVersion
from core.ports import BlobStore, Clock, Database, Stores

_BATCH = 100
_EVALUATIONS = 20


def remove_files(database: Database, blobs: BlobStore, version_id: int) -> None:
    """Remove the bytes of a version's files, then the files' records, so that nothing is copied
    from them any more. Whatever fails in between is done again by the next call."""
    while files := database.files.page(version_id, after=None, limit=_BATCH):
        for file in files:
            if file.multipart_id is not None:
                blobs.abort(file.key, file.multipart_id)
            blobs.remove(file.key)
        database.files.remove(version_id, [file.path for file in files])


def remove_evaluations(
    database: Database, clock: Clock, caller: Caller, version: ModelVersion, reason: str
) -> None:
    """Remove a version's evaluations with their reports, each with its event."""
    place = (version.namespace, version.model)

    def work(stores: Stores) -> int:
        at = clock.now()
        found = stores.evaluations.page(
            *place, number=version.number, before=None, limit=_EVALUATIONS
        )
        for evaluation in found:
            stores.evaluations.remove(evaluation)
            stores.events.add(
                event_of(caller, "evaluation.purged", at=at, before=evaluation, reason=reason)
            )
        return len(found)

    while database.transaction(work):
        pass
