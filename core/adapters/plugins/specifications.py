"""The points at which a plug-in is asked or told, as pluggy specifications.

A plug-in marks its functions with `pluggy.HookimplMarker("modelry")` and names those arguments that
it wants to see. `event` is what the history will say of the change, or says (`core.domain.events`):
who (`actor`), what (`action`, `kind`, `subject`), and the subject `before` and `after` it as plain
values. What is asked before a change answers with the objection in words, or None; it may be asked
more than once and must change nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pluggy

from core.domain.events import Event, SubjectKind
from core.domain.files import File

PROJECT = "modelry"
specified = pluggy.HookspecMarker(PROJECT)

PROMOTED = frozenset({"version.promoted", "version.rolled-back"})
DECIDED = frozenset({"approval.approved", "approval.rejected"})


@specified
def before_version_registered(event: Event) -> str | None:
    """A version is to be registered: `event.after` is all that is said of it."""


@specified
def after_version_registered(event: Event) -> None:
    """A version was registered; its files may still have to come."""


@specified
def before_upload_declared(event: Event, files: Sequence[File]) -> str | None:
    """A version is to be registered with these files (`path`, `size_bytes`, `sha256` of each)."""


@specified
def after_upload_declared(event: Event, files: Sequence[File]) -> None:
    """A version was registered with these files."""


@specified
def after_version_ready(event: Event) -> None:
    """All files of a version arrived: it is immutable from now on. Nobody can object to that."""


@specified
def before_alias_moved(event: Event) -> str | None:
    """An alias is to be set, moved or (`event.after` is None) removed."""


@specified
def after_alias_moved(event: Event) -> None:
    """An alias was set, moved or removed."""


@specified
def before_stage_promoted(event: Event) -> str | None:
    """A version whose gates are open is to enter a stage, forwards or by a rollback."""


@specified
def after_stage_promoted(event: Event) -> None:
    """A version entered a stage."""


@specified
def before_approval_decided(event: Event) -> str | None:
    """Somebody is about to approve or to reject a request."""


@specified
def after_approval_decided(event: Event) -> None:
    """Somebody approved or rejected a request."""


@specified
def before_deleted(event: Event) -> str | None:
    """Something that can be deleted is to be: see `event.kind`."""


@specified
def after_deleted(event: Event) -> None:
    """Something was deleted; until its grace period ends it can be brought back."""


@specified
def after_change(event: Event) -> None:
    """Anything changed, whatever it is; told after the more specific point."""


@specified
def gate_hooks() -> Mapping[str, Callable[[Mapping[str, Any], Any], str | None]]:  # type: ignore[empty-body]  # a specification
    """What gates of the rule `hook` can name (`core.ports.Hook`); asked for once, at the start."""


def points_of(event: Event) -> tuple[str, ...]:
    """The points that a change has, without `before_` and `after_`."""
    if event.kind is SubjectKind.ALIAS:
        return ("alias_moved",)
    if event.action in PROMOTED:
        return ("stage_promoted",)
    if event.action in DECIDED:
        return ("approval_decided",)
    if event.action == f"{event.kind}.deleted":
        return ("deleted",)
    if event.action == "version.ready":
        return ("version_ready",)
    if event.action == "version.registered":
        declares = bool(event.after and event.after.get("file_count"))
        return ("version_registered", "upload_declared") if declares else ("version_registered",)
    return ()
