"""What rules ask of a version, and what the registry holds of it: a report of what lacks.

A rule set is data (`core.domain.rule_sets`): requirements, each made of parts, each part a few
places of which any will do. The report is a pure function of what was registered. It says what
is documented; whether that is true and enough is for people to judge.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.domain.compliance_fields import FIELDS, Home, RiskClass, risk_class_of
from core.domain.evaluations import Evaluation
from core.domain.models import RegisteredModel
from core.domain.versions import ModelVersion
from core.errors import Invalid


class Status(StrEnum):
    """How much of a requirement is there."""

    PRESENT = "present"
    PARTIAL = "partial"
    MISSING = "missing"
    NOT_APPLICABLE = "not-applicable"


Unless = tuple[tuple[str, tuple[Any, ...]], ...]
"""Places and values: where one of these values is said, something is not asked for. Where
nothing is said, it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One thing that a rule asks for.

    Each of `parts` is a few places of which any will do. `never` are values that must not be.
    """

    id: str
    title: str
    law: str
    parts: tuple[tuple[str, ...], ...]
    next_step: str
    unless: Unless = ()
    never: Unless = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """The requirements of one rule, such as an annex of a regulation."""

    id: str
    title: str
    requirements: tuple[Requirement, ...]
    unless: Unless = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What there is of a requirement: the places where something was found, and those of which
    one is needed still."""

    requirement: Requirement
    status: Status
    found: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """The findings of one rule set; `why` it does not apply, if it does not."""

    rule_set: RuleSet
    findings: tuple[Finding, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a version's documentation lacks, by rule set."""

    version: ModelVersion
    risk_class: RiskClass | None
    chapters: tuple[Chapter, ...]

    def count(self, status: Status) -> int:
        """How many requirements of all rule sets that apply are in this state."""
        findings = [finding for chapter in self.chapters for finding in chapter.findings]
        return sum(finding.status is status for finding in findings)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a report looks at."""

    model: RegisteredModel
    version: ModelVersion
    evaluations: Sequence[Evaluation] = ()

    def said(self, place: str) -> Iterator[tuple[str, Any]]:
        """Each spot that the place can mean, as it is called, and what is there (None: nothing).

        `compliance.NAME…` is looked for where the name belongs, then at the other of model and
        version. `*` in a path stands for every item: what some lack is not there.
        """
        head, *keys = place.split(".")
        match head:
            case "compliance":
                field = FIELDS.get(keys[0])
                spots: list[tuple[str, RegisteredModel | ModelVersion]] = [
                    ("model", self.model),
                    ("version", self.version),
                ]
                if field is not None and field.home is Home.VERSION:
                    spots.reverse()
                for name, entity in spots:
                    yield f"{name}.{place}", _at(entity.compliance, keys)
            case "model" | "version":
                entity = self.model if head == "model" else self.version
                yield place, _at(getattr(entity, keys[0]), keys[1:])
            case _:
                yield place, list(map(_plain, self.evaluations)) or None


def report(facts: Facts, rule_sets: Sequence[RuleSet]) -> Report:
    """What the version's documentation lacks by these rule sets."""
    return Report(
        facts.version,
        risk_class_of(facts.model.compliance, facts.version.compliance),
        tuple(_chapter(facts, rule_set) for rule_set in rule_sets),
    )


def chosen(rule_sets: Mapping[str, RuleSet], ids: Collection[str] | None) -> tuple[RuleSet, ...]:
    """The rule sets of these ids, or all. Raises `Invalid` for one that is not there."""
    unknown = sorted(set(ids or ()) - rule_sets.keys())
    if unknown:
        raise Invalid(
            f"There is no rule set {unknown[0][:80]!a}.",
            next_step=f"There are: {', '.join(rule_sets)}.",
        )
    return tuple(each for name, each in rule_sets.items() if ids is None or name in ids)


def _chapter(facts: Facts, rule_set: RuleSet) -> Chapter:
    why = _exempt(facts, rule_set.unless)
    if why:
        return Chapter(rule_set, (), why)
    return Chapter(rule_set, tuple(_finding(facts, each) for each in rule_set.requirements))


def _finding(facts: Facts, requirement: Requirement) -> Finding:
    why = _exempt(facts, requirement.unless)
    if why:
        return Finding(requirement, Status.NOT_APPLICABLE, why=why)
    found: dict[str, None] = {}
    lacking: dict[str, None] = {}
    for part in requirement.parts:
        spots = [spot for place in part for spot, value in facts.said(place) if _is_said(value)]
        if spots:
            found[spots[0]] = None
        else:
            lacking[" or ".join(part)] = None
    why = _exempt(facts, requirement.never)
    if why:
        status = Status.MISSING
    elif not lacking:
        status = Status.PRESENT
    else:
        status = Status.PARTIAL if found else Status.MISSING
    return Finding(requirement, status, tuple(found), tuple(lacking), why)


def _exempt(facts: Facts, unless: Unless) -> str:
    """Which of these values is said, and where; nothing if none is."""
    for place, values in unless:
        said = next(((s, v) for s, v in facts.said(place) if v is not None), None)
        if said is not None and any(_same(said[1], value) for value in values):
            shown = "empty" if said[1] in ([], ()) else str(said[1]).lower()
            return f"{said[0]} is {shown}"
    return ""


def _same(said: Any, value: Any) -> bool:
    if isinstance(said, list | tuple) and isinstance(value, list | tuple):
        return list(said) == list(value)
    return type(said) is type(value) and bool(said == value)


def _is_said(value: Any) -> bool:
    """A list with nothing in it says that there is nothing: it was put there on purpose."""
    if isinstance(value, str):
        return bool(value.strip())
    return value is not None and value != {}


def _at(value: Any, keys: Sequence[str]) -> Any:
    """What is there; of the registry's own fields, which are always there, an empty one is
    nothing."""
    for at, key in enumerate(keys):
        if key == "*":
            items = [_at(item, keys[at + 1 :]) for item in value or ()]
            return items if items and all(map(_is_said, items)) else None
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if keys or value not in ((), {}, [], "") else None


def _plain(evaluation: Evaluation) -> str:
    return evaluation.id
