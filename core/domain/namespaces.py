"""A namespace: a team's room, in which models, grants and policies live."""

from dataclasses import dataclass, field

from core.domain.common import Described, check_common
from core.domain.names import check_namespace_name
from core.domain.retention_rules import RetentionRules
from core.errors import Stale


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace(Described):
    """Identified by its name for ever. `rule_sets` are those that its versions are held against,
    None for all that there are. `lifecycle_revision` is that of its lifecycle, 0 while it has the
    default one."""

    name: str
    state: str = "active"
    retention: RetentionRules = field(default_factory=RetentionRules)
    rule_sets: tuple[str, ...] | None = None
    lifecycle_revision: int = 0

    def __post_init__(self) -> None:
        check_namespace_name(self.name)
        check_common(self)


def lifecycle_is_stale(namespace: str, revision: int) -> Stale:
    """What is raised where a change counts on a lifecycle that is no more."""
    return Stale(
        f"The lifecycle of {namespace!r} is not at revision {revision} any more.",
        next_step="Read it again and repeat the change on what you see.",
    )
