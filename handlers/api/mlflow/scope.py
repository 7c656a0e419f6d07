"""In which namespace a request is."""

from typing import Annotated

from fastapi import Depends, Request

from core.domain.access import Caller
from core.errors import Invalid
from handlers.api.dependencies import current_caller

DEFAULT = "default"
HEADER = "x-mlflow-workspace"


async def namespace(request: Request, caller: Annotated[Caller, Depends(current_caller)]) -> str:
    """The namespace that the path names (`/ns/NAME/…`), else the header `X-MLFLOW-WORKSPACE`;
    else the only one that the caller can see, or `default`. Raises `Invalid` for two headers."""
    named = request.path_params.get("namespace")
    if named is not None:
        return str(named)
    headers = {value.strip() for value in request.headers.getlist(HEADER)} - {""}
    if len(headers) > 1:
        raise Invalid("Two workspaces are named.", next_step="Send one X-MLFLOW-WORKSPACE.")
    if headers:
        return headers.pop()
    reach = caller.reach()
    seen = reach.namespaces | {where for where, _ in reach.models}
    return next(iter(seen)) if len(seen) == 1 and not reach.everywhere else DEFAULT


CurrentNamespace = Annotated[str, Depends(namespace)]
