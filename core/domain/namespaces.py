"""A namespace: a team's room, in which models, grants and policies live."""

from dataclasses import dataclass, field

from core.domain.common import Described, check_common
from core.domain.names import check_namespace_name
from core.domain.retention_rules import RetentionRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace(Described):
    """Identified by its name for ever. `rule_sets` are those that its versions are held against,
    None for all that there are."""

    name: str
    state: str = "active"
    retention: RetentionRules = field(default_factory=RetentionRules)
    rule_sets: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        check_namespace_name(self.name)
        check_common(self)
