"""How long a namespace keeps what was deleted, by what it was. Rules lengthen, never shorten.

What a version or model was is told by its marks: the risk classes, stages and aliases it ever had.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.domain.compliance_fields import RiskClass
from core.domain.names import check_text
from core.errors import Invalid

MAX_DAYS = 36_500
MAX_RULES = 100
MAX_NAMES = 100
MAX_MARKS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepRule:
    """Keep for so many days after its deletion whatever was, at any time, in one of these risk
    classes, stages and aliases; where none are named, any will do."""

    days: int
    risk_classes: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    def meets(self, marks: Collection[str]) -> bool:
        """Whether what has these marks is kept by the rule."""
        return all(
            not names or any(mark(kind, name) in marks for name in names)
            for kind, names in self._conditions()
        )

    def shown(self) -> str:
        """In words: `kept 3650 days: risk class high; ever in Production`."""
        words = [f"{kind} {' or '.join(names)}" for kind, names in self._conditions() if names]
        return f"kept {self.days} days: {'; '.join(words) or 'everything'}"

    def _conditions(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return (("risk", self.risk_classes), ("stage", self.stages), ("alias", self.aliases))


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRules:
    """`grace_days`: how long a deletion can be undone (None: as the registry is set up).
    `upload_days`: how long an unfinished upload is waited for at least."""

    grace_days: int | None = None
    upload_days: int | None = None
    keep: tuple[KeepRule, ...] = ()

    def purge_at(self, marks: Collection[str], deleted_at: datetime, grace: timedelta) -> datetime:
        """The earliest moment at which something that was deleted may be purged; `grace` is what
        the registry is set up with."""
        if self.grace_days is not None:
            grace = timedelta(days=self.grace_days)
        days = max((rule.days for rule in self.keep if rule.meets(marks)), default=0)
        return deleted_at + max(grace, timedelta(days=days))


def mark(kind: str, name: str) -> str:
    """How a risk class, stage or alias is noted among marks."""
    return f"{kind}:{name}"


def check_rules(rules: RetentionRules) -> RetentionRules:
    """Return rules that are going to be stored; raise `Invalid` naming each place at fault."""
    problems = list(_problems(rules))
    if problems:
        place, message = problems[0]
        raise Invalid(
            f"These retention rules do not fit: {place} {message}.",
            next_step=f"Give days from 1 to {MAX_DAYS}, known risk classes, and names of stages"
            " and aliases.",
            problems=problems[:20],
        )
    return rules


def _problems(rules: RetentionRules) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []

    def days(place: str, value: int | None) -> None:
        if value is not None and not 1 <= value <= MAX_DAYS:
            found.append((place, f"must be from 1 to {MAX_DAYS}"))

    days("grace_days", rules.grace_days)
    days("upload_days", rules.upload_days)
    if len(rules.keep) > MAX_RULES:
        found.append(("keep", f"must be at most {MAX_RULES} rules"))
    for at, rule in enumerate(rules.keep[:MAX_RULES]):
        days(f"keep.{at}.days", rule.days)
        for name in ("risk_classes", "stages", "aliases"):
            values = getattr(rule, name)
            if len(values) > MAX_NAMES:
                found.append((f"keep.{at}.{name}", f"must be at most {MAX_NAMES}"))
            for value in values[:MAX_NAMES]:
                check_text(f"keep.{at}.{name}", value, max_characters=255)
        unknown = set(rule.risk_classes) - set(RiskClass)
        if unknown:
            words = ", ".join(RiskClass)
            found.append((f"keep.{at}.risk_classes", f"must be of: {words}"))
    return found


def remembered(marks: Collection[str], more: Collection[str]) -> tuple[str, ...]:
    """The marks with more of them; past a thousand, no new ones."""
    new = sorted(set(more) - set(marks))[: max(0, MAX_MARKS - len(marks))]
    return (*marks, *new)


def marks_of(
    *, compliance: Mapping[str, Any], stages: Collection[str], aliases: Collection[str]
) -> set[str]:
    """What there is to note of the present state of a model or version."""
    marks = {mark("stage", name) for name in stages} | {mark("alias", name) for name in aliases}
    risk_class = compliance.get("risk_class")
    if isinstance(risk_class, str) and risk_class in set(RiskClass):
        marks.add(mark("risk", risk_class))
    return marks
