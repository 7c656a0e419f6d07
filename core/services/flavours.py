"""Reading what MLflow wrote beside a model, without trusting it."""

from collections.abc import Mapping
from typing import Any

from core.domain.flavours import MLMODEL, REQUIREMENTS, described_by
from core.ports import BlobStore

_MOST_BYTES = 256 << 10
"""A description of a model is smaller; what is larger is not read."""


def read_flavours(blobs: BlobStore, found: Mapping[str, tuple[str, int]]) -> dict[str, Any]:
    """The fields of a build that the `MLmodel` among these files fills; nothing if there is none,
    or it cannot be read. `found` holds the key and the size of each file by its path."""
    text = _text(blobs, found.get(MLMODEL))
    if not text:
        return {}
    return described_by(_yaml(text), _text(blobs, found.get(REQUIREMENTS)))


def _text(blobs: BlobStore, place: tuple[str, int] | None) -> str:
    if place is None or place[1] > _MOST_BYTES:
        return ""
    return (blobs.get(place[0]) or b"").decode("utf-8", "replace")


def _yaml(text: str) -> Mapping[str, Any]:
    import yaml

    class Plain(yaml.SafeLoader):
        """Plain values only: aliases, with which a short text can stand for a huge one, are
        refused."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            """The next value. Raises `YAMLError` for an alias."""
            if self.check_event(yaml.AliasEvent):
                raise yaml.YAMLError("an alias")
            return super().compose_node(parent, index)

    try:
        read = yaml.load(text, Plain)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    return read if isinstance(read, Mapping) else {}
