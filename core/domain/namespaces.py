"""A namespace: a team's room, in which models, grants and policies live."""

from dataclasses import dataclass

from core.domain.common import Described, check_common
from core.domain.names import check_namespace_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace(Described):
    """Identified by its name for ever."""

    name: str
    state: str = "active"

    def __post_init__(self) -> None:
        check_namespace_name(self.name)
        check_common(self)
