"""Handing out bytes: the one place that signs addresses, each with the event that says to whom."""

from collections.abc import Sequence
from datetime import datetime

from core.domain.access import Action, Caller
from core.domain.audit import download, logged_download
from core.domain.files import File
from core.domain.logged_files import FileOwner
from core.domain.retirement import check_forced, retired
from core.domain.versions import ModelVersion
from core.ports import BlobStore, Database, SignedRequest, Stores
from core.services.lookups import lifecycle_of


def handed_out(
    database: Database,
    blobs: BlobStore,
    caller: Caller,
    version: ModelVersion,
    files: Sequence[File],
    *,
    at: datetime,
    forced: str | None = None,
) -> list[SignedRequest]:
    """The requests that fetch these files of a version, which are next to each other in its
    manifest. What cannot be told of is not handed out.

    Raises `Conflict` for a retired version, unless it is `forced` for that reason by whoever may.
    """
    why = check_pull(database, caller, version, forced)
    if files:
        database.audit.note(download(caller, version, files, at=at, forced=why))
    return [blobs.sign_get(file.key, filename=file.path.rpartition("/")[2]) for file in files]


def handed_out_of(
    database: Database,
    blobs: BlobStore,
    caller: Caller,
    owner: FileOwner,
    path: str,
    size_bytes: int,
    *,
    at: datetime,
) -> SignedRequest:
    """The request that fetches one file of a run or a logged model, told of as well."""
    database.audit.note(logged_download(caller, owner, path, size_bytes, at=at))
    return blobs.sign_get(owner.key(path), filename=path.rpartition("/")[2])


def check_pull(
    stores: Stores, caller: Caller, version: ModelVersion, forced: str | None = None
) -> str | None:
    """Why it is handed out though it is retired; None if it is not. Raises `Conflict`."""
    if version.stage is None:  # where every version begins, which is never retired
        return None
    stage = lifecycle_of(stores, version.namespace).stage_of(version)
    if not stage.retired:
        return None
    if forced is None:
        raise retired(version, stage.name)
    caller.require(Action.FILE_READ_RETIRED, version.namespace, model=version.model)
    return check_forced(forced)
