"""Events of what changed nothing: access that was refused, and bytes that were handed out."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from core.domain.access import EVERYWHERE, Caller
from core.domain.events import Event, Outcome, SubjectKind, event_id, roles_in
from core.domain.files import File
from core.domain.logged_files import FileOwner
from core.domain.versions import ModelVersion
from core.errors import RegistryError

REFUSED = "access.refused"
GRANTED = "download.granted"

TALLIED = timedelta(hours=1)
"""The refusals of a principal are counted anew every hour."""

TOLD_EACH = 100
"""So many refusals of a principal in an hour are each told of; of more, only that they double."""

_MAX_CHARACTERS = 255


def refusal(caller: Caller, error: RegistryError, *, at: datetime, route: str, count: int) -> Event:
    """The event of an access decision that went against the caller.

    `count` says how many refusals of this principal there were so far in this hour. A namespace
    is told of as it was asked for, whether there is one or not. Raises `ValueError` for an error
    that is no such decision.
    """
    if error.refusal is None:
        raise ValueError("no access was refused")
    wanted = error.refusal
    namespace = (wanted.namespace or EVERYWHERE)[:_MAX_CHARACTERS]
    model = wanted.model and wanted.model[:_MAX_CHARACTERS]
    return _event(
        caller,
        REFUSED,
        SubjectKind.ACCESS,
        f"{namespace}/{model}" if model else namespace,
        at=at,
        namespace=namespace,
        outcome=Outcome.REFUSED,
        details={
            "wanted": wanted.action,
            "model": model,
            "answer": error.kind.value,
            "route": route,
            "count": count,
        },
    )


def download(
    caller: Caller,
    version: ModelVersion,
    files: Sequence[File],
    *,
    at: datetime,
    forced: str | None = None,
) -> Event:
    """The event of the right to pull these files of a version, which are next to each other in
    its manifest: signed addresses were handed out; whether they were used, only the object store
    knows. First, last and the version's digest say exactly which files these are.
    `forced`: why a retired version was handed out."""
    return _event(
        caller,
        GRANTED,
        SubjectKind.DOWNLOAD,
        f"{version.namespace}/{version.model}/{version.number}",
        at=at,
        namespace=version.namespace,
        revision=version.revision,
        reason=forced or "",
        details={
            "digest": version.digest,
            "first": files[0].path,
            "last": files[-1].path,
            "file_count": len(files),
            "size_bytes": sum(file.size_bytes for file in files),
            **({} if forced is None else {"forced": True}),
        },
    )


def logged_download(
    caller: Caller, owner: FileOwner, path: str, size_bytes: int, *, at: datetime
) -> Event:
    """The event of the right to fetch one file of a run or a logged model."""
    return _event(
        caller,
        GRANTED,
        SubjectKind.DOWNLOAD,
        owner.prefix.rstrip("/"),
        at=at,
        namespace=owner.namespace,
        details={"first": path, "last": path, "file_count": 1, "size_bytes": size_bytes},
    )


def tally_key(caller: Caller, at: datetime) -> tuple[str, datetime]:
    """Under which name the refusals of this principal in this hour are counted, and the time from
    which nobody asks for the count any more."""
    hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    name = f"{caller.principal.name}\0{hour:%Y-%m-%dT%H}"
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest(), hour + 2 * TALLIED


def is_told(count: int) -> bool:
    """Whether the refusal with this number in its hour has an event: the first hundred, then
    the 200th, the 400th, the 800th and so on, so that a flood of them leaves few."""
    doublings, rest = divmod(count, TOLD_EACH)
    return count <= TOLD_EACH or (rest == 0 and doublings & (doublings - 1) == 0)


def _event(
    caller: Caller,
    action: str,
    kind: SubjectKind,
    subject: str,
    *,
    at: datetime,
    namespace: str,
    details: dict[str, Any],
    revision: int = 0,
    reason: str = "",
    outcome: Outcome = Outcome.DONE,
) -> Event:
    return Event(
        id=event_id(at, revision),
        at=at,
        action=action,
        namespace=namespace,
        kind=kind,
        subject=subject,
        revision=revision,
        actor=caller.principal.name,
        reason=reason,
        request_id=caller.request_id,
        dialect=caller.dialect,
        address=caller.address,
        actor_issuer=caller.principal.issuer,
        actor_subject=caller.principal.subject,
        actor_roles=roles_in(caller, namespace),
        outcome=outcome,
        details=details,
    )
