"""How long things are kept: archived out of sight, deleted with a time to think again, purged."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from core.domain.builds import BUILD_FIELDS
from core.domain.common import moved_on
from core.domain.events import MAX_REASON_CHARACTERS
from core.domain.experiments import Experiment
from core.domain.holds import check_not_held
from core.domain.logged_models import LoggedModel
from core.domain.models import RegisteredModel
from core.domain.names import check_text
from core.domain.retention import READABLE, Retention
from core.domain.retention_rules import RetentionRules
from core.domain.runs import Run
from core.domain.versions import ModelVersion, VersionState
from core.errors import Conflict, Invalid


class Kept(Protocol):
    """Anything that is kept some way."""

    @property
    def retention(self) -> Retention:
        """How."""
        ...

    @property
    def purge_at(self) -> datetime | None:
        """Until when it can be undeleted."""
        ...


K = TypeVar("K", RegisteredModel, ModelVersion)
L = TypeVar("L", RegisteredModel, ModelVersion, Experiment, Run, LoggedModel)

_FORGOTTEN: Mapping[str, Any] = {
    "description": "",
    "tags": {},
    "metadata": {},
    "custom_properties": {},
    "external_id": None,
    "owner": None,
    "purge_at": None,
    "deleted_at": None,
}


def kept_as(kept: L, retention: Retention, *, at: datetime, by: str, **changes: Any) -> L:
    """The next revision, kept in another way."""
    return moved_on(kept, at=at, by=by, **{_field(kept): retention}, **changes)


def keep_until(
    rules: RetentionRules,
    kept: RegisteredModel | ModelVersion,
    owner: RegisteredModel,
    grace: timedelta,
) -> datetime:
    """The earliest moment at which what is deleted, or belongs to a deleted model, may be purged.

    A version is of the risk classes of its model, too. Where a legal hold kept it for a while, it
    has a grace period after that.
    """
    since = kept.deleted_at or owner.deleted_at or kept.updated_at
    if isinstance(kept, ModelVersion) and owner.deleted_at is not None:
        since = max(since, owner.deleted_at)
    risks = {mark for mark in owner.all_marks() if mark.startswith("risk:")}
    until = rules.purge_at(kept.all_marks() | risks, since, grace)
    return until if owner.released_at is None else max(until, owner.released_at + grace)


def also_kept(before: L, after: L, retention: Retention | None, *, at: datetime, by: str) -> L:
    """`after`, the changed `before` or the very same, kept in that way as well: one revision for
    both. None leaves it as it is kept."""
    if retention is None or retention is before.retention:
        return after
    kept = kept_as(before, retention, at=at, by=by)
    if after is before:
        return kept
    if isinstance(after, ModelVersion):
        return replace(after, retention=retention)
    return replace(after, state=retention)


def _field(kept: Kept) -> str:
    return "retention" if isinstance(kept, ModelVersion) else "state"


def tombstone(kept: K, *, at: datetime, by: str) -> K:
    """What stays after the grace period: names, numbers, digests and sizes, times and authors."""
    if isinstance(kept, RegisteredModel):
        own: Mapping[str, Any] = {
            "aliases": {},
            "stages": {},
            "model_type": None,
            "card": {},
            "compliance": {},
        }
        forgotten = {**_FORGOTTEN, **own, "released_at": None, "marks": ()}
        return kept_as(kept, Retention.PURGED, at=at, by=by, **forgotten)
    state = VersionState.READY if kept.state is VersionState.READY else VersionState.ABANDONED
    bare = replace(kept, **BUILD_FIELDS, aliases=(), upload_expires_at=None, state=state)
    bare = replace(bare, stage=None, deprecation=None)
    return kept_as(bare, Retention.PURGED, at=at, by=by, **_FORGOTTEN)


def check_reason(reason: str) -> str:
    """Return the reason of a deletion; raise `Invalid` if there is none."""
    if not reason.strip():
        raise Invalid(
            "A deletion must say why.",
            next_step="Give a reason; it is kept in the history.",
        )
    return check_text("reason", reason, max_characters=MAX_REASON_CHARACTERS)


def check_can_leave(version: ModelVersion) -> None:
    """Raise `Conflict` for a version that aliases point to, or whose upload goes on."""
    what = f"Version {version.number} of {version.model!r}"
    if version.aliases:
        names = ", ".join(f"@{alias}" for alias in version.aliases)
        raise Conflict(
            f"{what} is what {names} points to, so it can be neither archived nor deleted.",
            next_step="Move these aliases to another version, or take them away, first.",
            problems=[(f"@{alias}", "points to it") for alias in version.aliases],
        )
    if version.state is VersionState.PENDING:
        raise Conflict(
            f"{what} is pending: its upload goes on.", next_step="Give the upload up instead."
        )


def check_model_not_held(model: RegisteredModel) -> None:
    """Raise `Conflict` for a model on legal hold, itself or in some of its versions."""
    check_not_held(f"The model {model.name!r}", model.holds)
    if model.held_versions:
        numbers = ", ".join(str(number) for number in model.held_versions[:20])
        raise Conflict(
            f"Versions of {model.name!r} are on legal hold ({numbers}), so the model cannot be"
            " deleted.",
            next_step="Archive it, or ask an owner to lift these holds.",
            problems=[(str(number), "is on legal hold") for number in model.held_versions[:20]],
        )


def check_can_return(what: str, kept: Kept, at: datetime) -> None:
    """Raise `Conflict` for what is not deleted, or whose grace period is over."""
    if kept.retention in READABLE:
        raise Conflict(f"{what} is {kept.retention}, not deleted.", next_step="Just use it.")
    if kept.purge_at is None or kept.purge_at <= at:
        raise Conflict(
            f"The time in which {what} could be undeleted is over.",
            next_step="Its history is still there. A model's name can be used again on purpose:"
            " register it with reuse_deleted.",
        )


def gone(what: str, kept: Kept) -> tuple[str, str]:
    """What to say of something deleted: what is true, and what to do."""
    if kept.purge_at is None:
        return f"{what} was deleted for good.", "Its history, and reads as of a time, still work."
    until = f"{kept.purge_at:%Y-%m-%dT%H:%M:%SZ}"
    return (
        f"{what} is deleted; it can be undeleted until {until}.",
        "Ask an owner to undelete it. Its history, and reads as of a time, still work.",
    )
