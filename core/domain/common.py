"""What every object of the registry carries, and how a change moves it on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

from core.domain.documents import (
    Document,
    check_document,
    check_tags,
    check_together,
    is_same,
    merge_patch,
)
from core.domain.names import check_text
from core.errors import Invalid, Stale

MAX_DESCRIPTION_CHARACTERS = 65_536

DESCRIBING = frozenset(
    {"description", "tags", "metadata", "custom_properties", "external_id", "owner"}
)
"""What callers say of any object."""

PATCHABLE = DESCRIBING | {"model_type", "card", "compliance"}
"""What can be changed later, of the objects that have it and did not fix it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """The fields that every object has, whatever its noun."""

    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    metadata: Document = field(default_factory=dict)
    custom_properties: Document = field(default_factory=dict)
    external_id: str | None = None
    owner: str | None = None
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    revision: int = 1

    def patchable(self) -> frozenset[str]:
        """The fields that can be changed once the object is there."""
        return DESCRIBING

    def noted(self) -> Mapping[str, Any]:
        """What the next revision keeps of this one beside what is not changed."""
        return {}

    def free(self) -> frozenset[str]:
        """The fields that hold whatever callers put there."""
        return self.patchable()

    def check_said(self) -> None:
        """Hold what callers say to the rules for new things; what is stored stays readable,
        whatever rules come later. Raises `Invalid`."""


D = TypeVar("D", bound=Described)


def check_common(described: Described) -> None:
    """Hold the shared fields to their rules. Raises `Invalid` or `TooLarge`."""
    if len(described.description) > MAX_DESCRIPTION_CHARACTERS or "\0" in described.description:
        raise Invalid(
            f"The description is over {MAX_DESCRIPTION_CHARACTERS} characters or holds NUL.",
            next_step="Push long text as a file of the version.",
        )
    if described.description:
        check_document("description", {"text": described.description})
    check_tags(described.tags)
    check_document("metadata", described.metadata)
    check_document("custom_properties", described.custom_properties)
    for what, text in (("external id", described.external_id), ("owner", described.owner)):
        if text is not None:
            check_text(what, text, max_characters=512)


def check_size(what: str, described: D) -> D:
    """Return the object if all that callers say of it fits into one document of 1 MiB, else raise
    `TooLarge`; and if it is as new things have to be (`check_said`). This is for what is going to
    be stored; what is stored is not checked again."""
    described.check_said()
    check_together(what, {name: getattr(described, name) for name in sorted(described.free())})
    return described


class Revised(Protocol):
    """What has revisions, each by somebody."""

    @property
    def revision(self) -> int: ...

    @property
    def updated_by(self) -> str: ...


def check_revision(what: str, described: Revised, expected: int | None) -> None:
    """Raise `Stale` if the caller means another revision; None means whichever is current."""
    if expected is not None and expected != described.revision:
        changed = f"not at {expected}: {described.updated_by} changed it in the meantime"
        other = f"as {described.updated_by} left it; that is not what was named"
        raise Stale(
            f"{what} is at revision {described.revision},"
            f" {changed if 0 < expected < described.revision else other}.",
            next_step="Read it again and repeat the change on what you see.",
        )


def moved_on(described: D, *, at: datetime, by: str, **changes: Any) -> D:
    """The next revision: `changes` applied, time and author noted.

    Its time is never before that of the revision it follows, whatever the clock says, so that
    the history of an object reads in the order in which it happened.
    """
    return replace(
        described,
        **{**described.noted(), **changes},
        updated_at=max(at, described.updated_at),
        updated_by=by,
        revision=described.revision + 1,
    )


def patched(described: D, patch: Document, *, at: datetime, by: str) -> D:
    """The next revision after a merge patch (RFC 7396) of the fields that may be changed.

    Raises `Invalid` for a field that is unknown or fixed, or of the wrong type. A patch that
    changes nothing returns the very same object.
    """
    patchable = described.patchable()
    unknown = sorted(set(patch) - patchable)
    if unknown:
        raise Invalid(
            f"{', '.join(unknown)} cannot be changed.",
            next_step=f"Fields that can be: {', '.join(sorted(patchable))}.",
        )
    changes: dict[str, Any] = {}
    for name, value in patch.items():
        before: Any = getattr(described, name)
        if isinstance(before, Mapping):
            if value is not None and not isinstance(value, Mapping):
                raise Invalid(f"{name} is no map.", next_step="Send a JSON object or null.")
            changes[name] = {} if value is None else merge_patch(before, value)
        elif value is not None and not isinstance(value, str):
            raise Invalid(f"{name} is no text.", next_step="Send a string or null.")
        else:
            changes[name] = "" if value is None and name == "description" else value
    if all(is_same(getattr(described, name), value) for name, value in changes.items()):
        return described
    after = moved_on(described, at=at, by=by, **changes)
    return check_size("What describes it", after)
