"""Answers about the policies of a namespace."""

from handlers.api.v1.document.common import Answer


class KeepRule(Answer):
    """What is kept for how many days after its deletion; `shown` says it in words."""

    days: int
    risk_classes: list[str]
    stages: list[str]
    aliases: list[str]
    shown: str


class Retention(Answer):
    """How long a namespace keeps what is deleted; null as the registry is set up."""

    namespace: str
    grace_days: int | None
    upload_days: int | None
    keep: list[KeepRule]
    revision: int


class RuleSet(Answer):
    """A rule set that there is."""

    id: str
    title: str
    requirements: int


class RuleSets(Answer):
    """The rule sets of a namespace (null: all), and those that there are."""

    namespace: str
    rule_sets: list[str] | None
    available: list[RuleSet]
    revision: int
