"""What rules ask for is typed under known names, free under all others, and never in the way of
what was stored before."""

from contextlib import nullcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.access import Role
from core.domain.builds import check_shapes
from core.domain.compliance_fields import (
    COMPLIANCE,
    FIELDS,
    LEGAL_BASES,
    SPECIAL_CATEGORIES,
    SPECIAL_CATEGORY_BASES,
    RiskClass,
    check_compliance,
    risk_class_of,
)
from core.domain.models import RegisteredModel
from core.domain.records import record, restore
from core.domain.versions import ByNumber
from core.errors import Invalid
from tests.builders import ADMIN, World, caller
from tests.contract.entities import model, version

WRITER = caller(("default", Role.WRITER))
GOOD: dict[str, Any] = {
    "provider": {"name": "Example AG", "contact": "ai@example.org"},
    "intended_use": {"purpose": "triage", "users": ["nurses"], "out_of_scope": ["children"]},
    "limitations": ["not tested on scans older than 2015"],
    "risk_class": "high",
    "human_oversight": {"measures": ["a second reader"], "can_be_overridden": True},
    "risk_management": {"risks": [{"risk": "a miss", "severity": "high"}]},
    "standards": ["ISO/IEC 42001", {"name": "ISO 14971", "edition": "2019"}],
    "declaration_of_conformity": {"uri": "https://example.org/doc", "date": "2026-02-28"},
    "third_country_transfers": [],
    "personal_data": {"present": True, "special_categories": ["health"], "categories": ["age"]},
    "legal_basis": ["consent", "legal-obligation"],
    "special_category_basis": "explicit-consent",
    "impact_assessment": {"required": True, "date": "2026-01-31", "outcome": "mitigated"},
    "our_own": [{"anything": 1}],
}
BAD: list[tuple[str, Any, str]] = [
    ("risk_class", "higher", "compliance.risk_class"),
    ("risk_class", ["high"], "compliance.risk_class"),
    ("legal_basis", "interest", "compliance.legal_basis"),
    ("legal_basis", ["consent", "x"], "compliance.legal_basis.1"),
    ("special_category_basis", "consent", "compliance.special_category_basis"),
    ("personal_data", {"present": "yes"}, "compliance.personal_data.present"),
    (
        "personal_data",
        {"special_categories": ["age"]},
        "compliance.personal_data.special_categories.0",
    ),
    ("impact_assessment", {"date": "31.01.2026"}, "compliance.impact_assessment.date"),
    ("impact_assessment", {"date": "2026-02-30"}, "compliance.impact_assessment.date"),
    ("impact_assessment", {"date": "2026-W01-1"}, "compliance.impact_assessment.date"),
    ("erasure", {"days": -1}, "compliance.erasure"),
    ("intended_use", "  ", "compliance.intended_use"),
    ("compute", {"energy_kwh": "much"}, "compliance.compute.energy_kwh"),
    ("standards", [{}], "compliance.standards.0"),
]


def test_what_has_its_shape_is_taken_and_what_is_unknown_is_nobodys_business() -> None:
    check_compliance(GOOD)
    check_compliance({})
    check_compliance(dict.fromkeys(FIELDS))


@pytest.mark.parametrize(("name", "value", "place"), BAD)
def test_a_known_name_with_something_else_is_refused_by_its_place(
    name: str, value: Any, place: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check_compliance({name: value})

    assert [where for where, _ in refused.value.problems] == [place]


@given(
    st.dictionaries(
        st.sampled_from([*FIELDS, "ours"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=9), inner, max_size=3)
            ),
            max_leaves=8,
        ),
    )
)
def test_whatever_is_said_is_either_taken_or_refused(said: dict[str, Any]) -> None:
    places = [place for place, _ in COMPLIANCE("compliance", said)]

    assert all(place.startswith("compliance.") for place in places)
    with pytest.raises(Invalid) if places else nullcontext():
        check_compliance(said)


def test_the_bases_are_those_of_the_articles() -> None:
    assert len(LEGAL_BASES) == 6  # Art. 6(1), a to f
    assert len(SPECIAL_CATEGORY_BASES) == 10  # Art. 9(2), a to j
    assert len(set(SPECIAL_CATEGORIES)) == 9


def test_a_models_compliance_can_be_changed_and_has_a_history() -> None:
    world = World()
    registry = world.registry
    made = registry.models.register(WRITER, "default", "iris", {"compliance": GOOD})
    world.clock.advance(seconds=60)
    before = world.clock.now()
    world.clock.advance(seconds=60)

    patch: Any = {"compliance": {"risk_class": "limited", "our_own": None}}
    changed = registry.models.update(WRITER, "default", "iris", patch, expected_revision=None)

    assert changed.compliance == {
        **{name: value for name, value in GOOD.items() if name != "our_own"},
        "risk_class": "limited",
    }
    then = registry.models.get(WRITER, "default", "iris", as_of=before)
    assert then.compliance == made.compliance == GOOD
    undone = registry.history.undo_model(WRITER, "default", "iris", expected_revision=None)
    assert undone.compliance == GOOD


def test_a_patch_that_ends_in_something_else_is_refused_whole() -> None:
    registry = World().registry
    made = registry.models.register(WRITER, "default", "iris", {"compliance": GOOD})

    patch: Any = {"compliance": {"human_oversight": {"can_be_overridden": "of course"}}}
    with pytest.raises(Invalid):
        registry.models.update(WRITER, "default", "iris", patch, expected_revision=None)

    assert registry.models.get(WRITER, "default", "iris") == made


def test_a_versions_compliance_is_fixed_with_its_build() -> None:
    world = World()
    world.pushed({"a": b"1"}, compliance=GOOD)

    patch: Any = {"compliance": {"risk_class": "minimal"}}
    with pytest.raises(Invalid, match="compliance cannot be changed"):
        world.registry.versions.update(
            ADMIN, "default", "iris", ByNumber(1), patch, expected_revision=None
        )


@pytest.mark.parametrize(
    "described",
    [
        {"compliance": {"risk_class": "higher"}},
        {"fairness": {"metrics": {"parity": "good"}}},
        {"fairness": {"groups": {"women": {"recall": None}}}},
        {"explainability": {"methods": [1]}},
        {"explainability": {"global_importance": {"age": "much"}}},
    ],
)
def test_a_new_version_is_held_to_the_types_as_well(described: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        check_shapes(described)


def test_what_was_stored_before_there_were_types_is_read_back() -> None:
    odd = {"risk_class": 5, "personal_data": "none", "legal_basis": {"a": 1}}
    old = record(version(compliance=odd, fairness={"metrics": [1]}))
    of_old_model = record(model())
    for name in ("compliance", "holds", "held_versions", "deleted_at", "released_at"):
        del of_old_model[name]

    assert restore(type(version()), old).compliance == odd
    assert restore(RegisteredModel, of_old_model).holds == ()


def test_the_first_risk_class_that_is_one_counts() -> None:
    assert risk_class_of({}, {"risk_class": "high"}) is RiskClass.HIGH
    assert risk_class_of({"risk_class": "limited"}, {"risk_class": "high"}) is RiskClass.LIMITED
    assert risk_class_of({"risk_class": 5}, {"risk_class": ["high"]}, {"risk_class": "?"}) is None
