"""The difference of two documents as a merge patch (RFC 7396), and where two changes meet."""

import json
from collections.abc import Iterator, Mapping
from typing import Any


def merge_patch_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The patch that makes `after` of `before`: None removes, maps are patched, all else is
    replaced. Empty if there is nothing to change."""
    patch: dict[str, Any] = {name: None for name in before if name not in after}
    for name, value in after.items():
        old = before.get(name)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            if inner := merge_patch_between(old, value):
                patch[name] = inner
        elif name not in before or _text(old) != _text(value):
            patch[name] = value
    return {name: value for name, value in patch.items() if not _is_nothing(before, name, value)}


def conflicts(
    before: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """(place, what it was, is now and would be) for each place that somebody else changed, and
    for each that `mine`, a patch, changes."""
    now = dict(_leaves(merge_patch_between(before, theirs)))
    wanted = dict(_leaves(mine))
    return [
        (
            place,
            f"was {_text(_at(before, place))}, is now {_text(_at(theirs, place))}"
            + (f", you write {_text(wanted[place])}" if place in wanted else ""),
        )
        for place in sorted(now.keys() | wanted.keys())
    ]


def _is_nothing(before: Mapping[str, Any], name: str, value: Any) -> bool:
    return value is None and before.get(name) is None


def _leaves(patch: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in patch.items():
        here = f"{place}/{name.replace('~', '~0').replace('/', '~1')}"
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, here)
        else:
            yield here, value


def _at(document: Any, place: str) -> Any:
    for step in place.split("/")[1:]:
        if not isinstance(document, Mapping):
            return None
        document = document.get(step.replace("~1", "/").replace("~0", "~"))
    return document


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
