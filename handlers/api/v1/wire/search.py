"""What a search found, as JSON."""

from typing import Any

from core.domain.facets import Facet
from handlers.api.v1.filters import print_path


def facet(entity: Facet) -> dict[str, Any]:
    """The commonest values of a field and how often each occurs."""
    return {
        "field": print_path(entity.path),
        "values": [{"value": each.value, "count": each.count} for each in entity.counts],
        "more": entity.is_cut,
    }
