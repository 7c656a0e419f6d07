"""How things are kept, in MLflow's words: active or deleted; and what may not be done to the
latter."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from core.domain.retention import READABLE, Retention, Shown
from core.domain.search import Comparison, In, Operator, Path, Tree
from core.errors import Conflict, Invalid, NotFound
from handlers.api.mlflow.bodies import Fields

DELETED = "deleted with MLflow's API"
"""The reason of a deletion whose client gives none."""


def stage_of(state: Retention) -> str:
    """`active` or `deleted`."""
    return "active" if state in READABLE else "deleted"


@contextmanager
def active(what: str, again: Callable[[], Any]) -> Iterator[None]:
    """Whatever is done in this block is done to something active: what is deleted can be read
    (with `again`) and no more, which MLflow's clients are told by another code than what is not
    there. Raises `Invalid`."""
    try:
        yield
    except NotFound as error:
        try:
            found = again()
        except NotFound:
            raise error from None
        if found.state in READABLE:  # it was something else that is not there
            raise
        raise Invalid(
            f"The {what} must be in the 'active' state. Current state is deleted.",
            next_step="Restore it first.",
        ) from None


@contextmanager
def deleted(what: str) -> Iterator[None]:
    """Whatever is done in this block is done to something deleted. Raises `Invalid`."""
    try:
        yield
    except Conflict as error:
        raise Invalid(
            f"The {what} must be in the 'deleted' state. {error.message}",
            next_step=error.next_step,
        ) from None


def viewed(fields: Fields, name: str) -> tuple[Shown, Tree | None]:
    """Which a list is to show: `ACTIVE_ONLY` if nothing is said. Raises `Invalid`."""
    view = fields.text(name) or "ACTIVE_ONLY"
    match view:
        case "ACTIVE_ONLY":
            return Shown.LISTED, None
        case "DELETED_ONLY":
            return Shown.EVERYTHING, Comparison(Path("state"), Operator.EQUAL, "deleted")
        case "ALL":
            return Shown.EVERYTHING, In(Path("state"), ("active", "deleted"))
    raise Invalid(
        f"Invalid view type {view[:60]!a}.",
        next_step="Choose ACTIVE_ONLY, DELETED_ONLY or ALL.",
    )
