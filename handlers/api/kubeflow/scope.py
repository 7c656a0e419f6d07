"""In which namespace a request is, and the ids in its path."""

import re
from typing import Annotated

from fastapi import Depends, Request

from core.domain.access import Caller
from core.errors import Invalid
from handlers.api.dependencies import current_caller

DEFAULT = "default"
_ID = re.compile(r"[0-9]{1,18}")


async def namespace(request: Request, caller: Annotated[Caller, Depends(current_caller)]) -> str:
    """The namespace that the path names (`/ns/NAME/…`); else the only one that the caller can
    see, or `default`."""
    named = request.path_params.get("namespace")
    if named is not None:
        return str(named)
    reach = caller.reach()
    seen = reach.namespaces | {where for where, _ in reach.models}
    return next(iter(seen)) if len(seen) == 1 and not reach.everywhere else DEFAULT


def parse_id(text: str) -> int:
    """The number of a decimal id. Raises `Invalid` for what is none."""
    if not _ID.fullmatch(text):
        raise Invalid(f"{text[:40]!a} is no id.", next_step="Ids are decimal numbers.")
    return int(text)


def one_of(name: str | None, external_id: str | None) -> None:
    """Raise `Invalid` unless a resource is named in one way at least."""
    if not name and not external_id:
        raise Invalid(
            "Neither a name nor an externalId is given.", next_step="Give one of the two."
        )


CurrentNamespace = Annotated[str, Depends(namespace)]
