"""From the way a version is named to its number."""

from core.domain.access import Caller
from core.domain.versions import ByNumber, parse_reference
from core.registry import Registry


def number_of(registry: Registry, caller: Caller, namespace: str, model: str, text: str) -> int:
    """The number of the version named; a number names one even after it was deleted.

    Raises `NotFound`, `Invalid`.
    """
    reference = parse_reference(text)
    if isinstance(reference, ByNumber):
        return reference.number
    return registry.versions.get(caller, namespace, model, reference).number
