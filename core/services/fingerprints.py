"""The fingerprint of a training: equal for two trainings that were set up the same way.

SHA-256 over canonical JSON (RFC 8785), so that anybody can compute it again in any language.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from core.domain.changes import dataset_identity
from core.domain.versions import ModelVersion


def fingerprint_of(version: ModelVersion) -> str | None:
    """`fingerprint:` and 64 hex digits, over parameters, data, code commit and environment.

    None if the version says nothing of its training, or if its code cannot be had again: a
    working tree with changes (`dirty`) whose `diff_sha256` is not recorded.
    """
    commit, diff = version.code.get("commit"), version.code.get("diff_sha256")
    if version.code.get("dirty") and not diff:
        return None
    if not (version.parameters or version.datasets or commit or diff or version.environment):
        return None
    training = {
        "parameters": _exact(version.parameters),
        "datasets": sorted(
            (_exact(dataset_identity(dataset)) for dataset in version.datasets), key=canonical
        ),
        "code": {
            "commit": _exact(commit),
            "diff_sha256": _exact(diff) if version.code.get("dirty") else None,
        },
        "environment": _exact(version.environment),
    }
    return f"fingerprint:{hashlib.sha256(canonical(training)).hexdigest()}"


def canonical(value: Any) -> bytes:
    """The canonical JSON (RFC 8785) of a value."""
    import rfc8785

    return rfc8785.dumps(value)


def _exact(value: Any) -> Any:
    """The value such that canonical JSON, whose numbers are all floats, loses nothing of it.

    An integer becomes the text `int:` and its digits, and a text gets `str:` before it, so that
    1, 1.0, true and "1" differ and integers of 64 bits stay what they are.
    """
    match value:
        case None | bool() | float():
            return value
        case int():
            return f"int:{value}"
        case str():
            return f"str:{value}"
        case Mapping():
            return {key: _exact(item) for key, item in value.items()}
        case list() | tuple():
            return [_exact(item) for item in value]
    raise TypeError(f"a training cannot hold {type(value).__name__}")
