"""The operation of comparing versions."""

import re
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from core.domain.versions import parse_reference
from core.errors import Invalid
from core.services.comparisons import Named
from handlers.api.dependencies import CurrentCaller, CurrentRegistry
from handlers.api.v1.answers import answer, answers
from handlers.api.v1.routes import group
from handlers.api.v1.wire.comparisons import comparison

router = group("comparisons", "/namespaces/{namespace}/compare")

_NAMED = re.compile(r"(?:(?P<namespace>[^/]+)/)?(?P<model>[^/:@]+)(?P<mark>[:@])(?P<reference>.+)")


@router.get("", openapi_extra=answers((200, "Comparison")))
def compare_versions(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    version: Annotated[
        list[str],
        Query(description="2 to 20: MODEL:3, MODEL@champion, MODEL:latest, NAMESPACE/MODEL:~=1.2"),
    ],
    everything: Annotated[
        bool, Query(alias="all", description="Also what is the same in all of them.")
    ] = False,
) -> Response:
    """Versions side by side: what differs, metrics with their gain and the best one."""
    compared = registry.comparisons.compare(caller, [_named(text, namespace) for text in version])
    return answer(comparison(compared, everything=everything))


def _named(text: str, namespace: str) -> Named:
    """Read `MODEL:REFERENCE` or `MODEL@ALIAS`, of this namespace or of one that it names."""
    found = _NAMED.fullmatch(text)
    if found is None:
        raise Invalid(
            f"{text[:200]!a} names no version of a model.",
            next_step="Write MODEL:3, MODEL@champion, MODEL:latest or NAMESPACE/MODEL:3.",
        )
    reference = found["reference"]
    if found["mark"] == "@" and not reference.startswith(("sha256:", "fingerprint:")):
        reference = f"@{reference}"
    return Named(found["namespace"] or namespace, found["model"], parse_reference(reference))
