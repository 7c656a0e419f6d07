"""Parameters: what a run, or the model that it logged, was made with. They are written once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from core.domain.common import moved_on
from core.domain.documents import check_document, is_same
from core.domain.names import check_text
from core.errors import Conflict, Invalid, TooLarge

if TYPE_CHECKING:
    from core.domain.logged_models import LoggedModel
    from core.domain.runs import Run

MAX_PARAMETERS = 2_000

P = TypeVar("P", "Run", "LoggedModel")


def check_parameters(parameters: Any) -> None:
    """Raise `Invalid` or `TooLarge` for what cannot be parameters."""
    check_document("parameters", parameters)
    if len(parameters) > MAX_PARAMETERS:
        raise TooLarge(
            f"{len(parameters)} parameters; at most {MAX_PARAMETERS} are allowed.",
            next_step="Put what else there is to say into metadata.",
        )
    for name in parameters:
        check_text("name of the parameter", name, max_characters=250)
        if isinstance(parameters[name], Mapping | list | tuple):
            raise Invalid(
                f"The parameter {name!r} is a list or a map.",
                next_step="Send text, a number, true or false; more as JSON in a text.",
            )


def with_parameters(
    run: P, parameters: Mapping[str, Any], *, at: datetime, by: str, overwrite: bool = False
) -> P:
    """The run, or logged model, with these parameters as well; the very same if it has them.

    Raises `Conflict` naming those that have another value already, unless they may be overwritten.
    """
    changed = [
        name
        for name, value in parameters.items()
        if name in run.parameters and not is_same(run.parameters[name], value)
    ]
    if changed and not overwrite:
        raise Conflict(
            f"Parameters are written once, and {', '.join(sorted(changed)[:5])} had another value.",
            next_step="Use another name, or start another run.",
            problems=[(name, "has another value already") for name in sorted(changed)[:20]],
        )
    new = {name for name in parameters if name not in run.parameters}
    if not new and not changed:
        return run
    whole = {**run.parameters, **parameters}
    check_parameters(whole)
    return moved_on(run, at=at, by=by, parameters=whole)
