"""The policies of a namespace as JSON."""

from typing import Any

from pydantic import Field

from core.domain.namespaces import Namespace
from core.domain.retention_rules import KeepRule, RetentionRules
from handlers.api.v1.wire.common import Body


class NewKeepRule(Body):
    """Keep for so many days after its deletion what was ever all of this; see `KeepRule`."""

    days: int
    risk_classes: list[str] = Field(default_factory=list)
    stages: list[str] = Field(default_factory=list)
    aliases: list[str] = Field(default_factory=list)


class NewRetention(Body):
    """How long a namespace keeps what is deleted, in place of what it said before."""

    grace_days: int | None = None
    upload_days: int | None = None
    keep: list[NewKeepRule] = Field(default_factory=list)

    def rules(self) -> RetentionRules:
        """For the use case."""
        keep = (
            KeepRule(
                days=each.days,
                risk_classes=tuple(each.risk_classes),
                stages=tuple(each.stages),
                aliases=tuple(each.aliases),
            )
            for each in self.keep
        )
        return RetentionRules(
            grace_days=self.grace_days, upload_days=self.upload_days, keep=tuple(keep)
        )


class NewRuleSets(Body):
    """The rule sets that versions are held against; null for all that there are."""

    rule_sets: list[str] | None


def retention(entity: Namespace) -> dict[str, Any]:
    """How long a namespace keeps what is deleted."""
    rules = entity.retention
    return {
        "namespace": entity.name,
        "grace_days": rules.grace_days,
        "upload_days": rules.upload_days,
        "keep": [
            {
                "days": rule.days,
                "risk_classes": rule.risk_classes,
                "stages": rule.stages,
                "aliases": rule.aliases,
                "shown": rule.shown(),
            }
            for rule in rules.keep
        ],
        "revision": entity.revision,
    }


def rule_sets(entity: Namespace) -> dict[str, Any]:
    """The rule sets of a namespace, and all that there are."""
    from core.domain.rule_sets import RULE_SETS

    return {
        "namespace": entity.name,
        "rule_sets": entity.rule_sets,
        "available": [
            {"id": each.id, "title": each.title, "requirements": len(each.requirements)}
            for each in RULE_SETS.values()
        ],
        "revision": entity.revision,
    }
