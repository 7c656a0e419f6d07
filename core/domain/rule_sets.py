"""The rule sets that there are, by id. Another one is another module with a `RuleSet` in it."""

from collections.abc import Mapping

from core.domain.compliance import RuleSet
from core.domain.rules_ai_act import ANNEX_IV, CLASSES
from core.domain.rules_gdpr import GDPR

RULE_SETS: Mapping[str, RuleSet] = {each.id: each for each in (CLASSES, ANNEX_IV, GDPR)}
