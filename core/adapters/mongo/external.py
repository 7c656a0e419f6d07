"""External ids as a derived field, so that one index keeps any two objects from sharing one."""

from typing import Any

from core.domain.common import Described


def external(namespace: str, described: Described) -> dict[str, Any]:
    """`external_key`, if the object of this namespace has an external id."""
    if described.external_id is None:
        return {}
    return {"external_key": joined(namespace, described.external_id)}


def joined(*parts: str) -> str:
    """Names as one key. None of them can hold NUL."""
    return "\0".join(parts)
