"""The report of what a version's documentation lacks: fails closed, and says where it looked."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.access import Role
from core.domain.compliance import Facts, Report, RuleSet, Status, chosen, report
from core.domain.compliance_fields import COMPLIANCE, FIELDS
from core.domain.models import RegisteredModel
from core.domain.rule_sets import RULE_SETS
from core.domain.versions import ByNumber, ModelVersion
from core.errors import Invalid
from tests.builders import ADMIN, World, caller
from tests.contract.entities import evaluation, model, version

READER = caller(("default", Role.READER))
GDPR, ANNEX_IV, CLASSES = (RULE_SETS[name] for name in ("gdpr", "eu-ai-act-annex-iv", "eu-ai-act"))
REQUIREMENTS = [each for rule_set in RULE_SETS.values() for each in rule_set.requirements]
PLACES = sorted({place for each in REQUIREMENTS for part in each.parts for place in part})

OF_THE_MODEL: dict[str, Any] = {
    "provider": "Example AG",
    "intended_use": "triage",
    "limitations": ["adults only"],
    "unintended_outcomes": "a miss",
    "risk_class": "high",
    "risk_class_reason": "Annex III(5)(d)",
    "interactions": [],
    "update_requirements": "none",
    "forms_of_delivery": "API",
    "hardware": "any x86-64",
    "product_views": [],
    "user_interface": "a work list",
    "instructions_for_use": {"uri": "https://example.org/manual", "digest": "sha256:aa"},
    "human_oversight": {"measures": ["a second reader"]},
    "predetermined_changes": [],
    "cybersecurity": ["signed images"],
    "input_data": {"format": "DICOM"},
    "metrics_rationale": "a miss costs most",
    "risk_management": {"risks": [{"risk": "a miss"}], "reviewed_at": "2026-01-31"},
    "standards": ["ISO/IEC 42001"],
    "declaration_of_conformity": {"uri": "s3://a/b", "date": "2026-02-28", "signed_by": "CEO"},
    "post_market_monitoring": "weekly",
    "controller": {"name": "Clinic"},
    "data_protection_officer": "dpo@example.org",
    "processing_purposes": ["triage"],
    "recipients": [],
    "third_country_transfers": [],
    "erasure": {"days": 90},
    "security_measures": "encryption",
    "data_subject_rights": "by form",
    "automated_decisions": {"used": True, "logic": "score", "consequences": "earlier reading"},
    "impact_assessment": {
        "required": True,
        "date": "2026-01-15",
        "outcome": "mitigated",
        "uri": "s3://a/dpia",
    },
}
OF_THE_VERSION: dict[str, Any] = {
    "training_method": "fine-tuning",
    "pretrained": ["resnet"],
    "design": "a classifier",
    "architecture": "ResNet-50",
    "compute": {"hours": 3},
    "data_governance": {"provenance": "clinic", "cleaning": "by hand"},
    "testing": {"robustness": "noise", "signed_by": "QA"},
    "changes": "none",
    "personal_data": {
        "present": True,
        "categories": ["images"],
        "special_categories": ["health"],
        "data_subjects": ["patients"],
        "source": "clinic",
        "minimisation": "cropped",
        "protection": "pseudonymised",
    },
    "legal_basis": "public-task",
    "special_category_basis": "health-and-social-care",
}
BUILD: dict[str, Any] = {
    "version_reason": "first version",
    "metrics": {"recall": 0.9},
    "datasets": ({"name": "scans", "digest": "sha256:bb"},),
    "code": {"commit": "abc"},
    "environment": {"packages": {"torch": "2"}},
    "fairness": {"groups": {"women": {"recall": 0.9}}},
    "serving": {"monitoring": [{"url": "https://example.org/board"}]},
}


def facts(**changes: Any) -> Facts:
    """Everything is said, but for the changes: None takes a name away."""
    of_model = {n: v for n, v in {**OF_THE_MODEL, **changes}.items() if v is not None}
    of_version = {n: v for n, v in {**OF_THE_VERSION, **changes}.items() if v is not None}
    return Facts(
        model(compliance={n: v for n, v in of_model.items() if n in OF_THE_MODEL}),
        version(compliance={n: v for n, v in of_version.items() if n in OF_THE_VERSION}, **BUILD),
        (evaluation(),),
    )


def status(found: Report, requirement: str) -> Status:
    (finding,) = [
        each
        for chapter in found.chapters
        for each in chapter.findings
        if each.requirement.id == requirement
    ]
    return finding.status


def test_nothing_lacks_where_everything_is_said() -> None:
    found = report(facts(), tuple(RULE_SETS.values()))

    lacking = [
        (each.requirement.id, each.lacking)
        for chapter in found.chapters
        for each in chapter.findings
        if each.status is not Status.PRESENT
    ]
    assert lacking == []
    assert found.count(Status.PRESENT) == len(REQUIREMENTS)


def test_everything_lacks_where_nothing_is_said() -> None:
    found = report(Facts(model(), version()), tuple(RULE_SETS.values()))

    assert found.count(Status.PRESENT) == found.count(Status.NOT_APPLICABLE) == 0
    assert found.count(Status.MISSING) == len(REQUIREMENTS)
    assert all(each.lacking for chapter in found.chapters for each in chapter.findings)


def test_what_was_used_for_the_test_has_the_types_of_the_vocabulary() -> None:
    assert list(COMPLIANCE("compliance", {**OF_THE_MODEL, **OF_THE_VERSION})) == []


def test_every_section_of_the_annex_and_every_point_is_asked_for() -> None:
    sections = [each.id.partition("-")[0] for each in ANNEX_IV.requirements]

    assert [name for name, _ in itertools.groupby(sections)] == [str(n) for n in range(1, 10)]
    assert [each.id for each in ANNEX_IV.requirements[:8]] == [
        f"1-{letter}" for letter in "abcdefgh"
    ]
    assert [each.id for each in ANNEX_IV.requirements[8:16]] == [
        f"2-{letter}" for letter in "abcdefgh"
    ]


@pytest.mark.parametrize("rule_set", RULE_SETS.values(), ids=lambda each: each.id)
def test_a_rule_set_is_whole(rule_set: RuleSet) -> None:
    ids = [each.id for each in rule_set.requirements]

    assert len(set(ids)) == len(ids)
    for each in rule_set.requirements:
        assert each.parts
        assert all((each.title, each.law, each.next_step.endswith(".")))


@pytest.mark.parametrize("place", PLACES)
def test_a_place_that_is_looked_at_exists(place: str) -> None:
    head, *keys = place.split(".")

    match head:
        case "compliance":
            assert keys[0] in FIELDS
            value = {**OF_THE_MODEL, **OF_THE_VERSION}[keys[0]]
            assert len(keys) == 1 or isinstance(value, dict)
        case "model":
            assert keys[0] in RegisteredModel.__dataclass_fields__
        case "version":
            assert keys[0] in ModelVersion.__dataclass_fields__
        case _:
            assert place == "evaluations"


def test_some_of_it_is_partial_and_what_lacks_is_named() -> None:
    found = report(facts(risk_management={"process": "ISO 14971"}), (ANNEX_IV,))

    (finding,) = [e for e in found.chapters[0].findings if e.requirement.id == "5"]
    assert finding.status is Status.PARTIAL
    assert finding.found == ("model.compliance.risk_management",)
    assert finding.lacking == (
        "compliance.risk_management.risks",
        "compliance.risk_management.reviewed_at",
    )


def test_an_item_of_which_some_lack_is_not_there() -> None:
    made = facts()
    datasets = ({"name": "a", "digest": "sha256:aa"}, {"name": "b"})
    some = Facts(made.model, version(compliance=OF_THE_VERSION, **{**BUILD, "datasets": datasets}))

    assert status(report(made, (ANNEX_IV,)), "2-d") is Status.PRESENT
    assert status(report(some, (ANNEX_IV,)), "2-d") is Status.PARTIAL


def test_where_a_name_belongs_is_looked_at_first_and_the_other_place_then() -> None:
    both = {"risk_class": "high", "design": "a classifier"}
    old = Facts(model(), version(compliance={"risk_class": "high"}))
    made = Facts(model(compliance=both), version(compliance=both))

    def spots(facts: Facts, name: str) -> list[str]:
        return [spot for spot, value in facts.said(name) if value is not None]

    assert spots(made, "compliance.risk_class")[0] == "model.compliance.risk_class"
    assert spots(made, "compliance.design")[0] == "version.compliance.design"
    assert spots(old, "compliance.risk_class") == ["version.compliance.risk_class"]
    assert report(old, ()).risk_class == "high"


@pytest.mark.parametrize("risk_class", ["limited", "minimal", "gpai"])
def test_the_annex_is_for_high_risk_alone(risk_class: str) -> None:
    (chapter,) = report(facts(risk_class=risk_class), (ANNEX_IV,)).chapters

    assert chapter.findings == ()
    assert chapter.why == f"model.compliance.risk_class is {risk_class}"


@pytest.mark.parametrize("risk_class", ["high", "prohibited", None])
def test_where_the_class_is_not_said_the_annex_applies(risk_class: str | None) -> None:
    (chapter,) = report(facts(risk_class=risk_class), (ANNEX_IV,)).chapters

    assert len(chapter.findings) == len(ANNEX_IV.requirements)


def test_a_prohibited_practice_is_never_documented_enough() -> None:
    found = report(facts(risk_class="prohibited"), (CLASSES,))

    assert status(found, "art-5") is Status.MISSING
    assert found.chapters[0].findings[1].why == "model.compliance.risk_class is prohibited"


def test_without_personal_data_nothing_else_of_the_gdpr_is_asked_for() -> None:
    found = report(facts(personal_data={"present": False}), (GDPR,))

    assert status(found, "personal-data") is Status.PRESENT
    assert found.count(Status.NOT_APPLICABLE) == len(GDPR.requirements) - 1
    silent = report(facts(personal_data=None, legal_basis=None), (GDPR,))
    assert status(silent, "legal-basis") is Status.MISSING


def test_no_special_categories_need_no_basis() -> None:
    data = {**OF_THE_VERSION["personal_data"], "special_categories": []}
    none = report(facts(personal_data=data, special_category_basis=None), (GDPR,))
    unsaid = report(facts(special_category_basis=None), (GDPR,))

    assert status(none, "special-categories") is Status.NOT_APPLICABLE
    assert status(unsaid, "special-categories") is Status.PARTIAL


def test_a_rule_set_that_is_not_there_cannot_be_chosen() -> None:
    assert chosen(RULE_SETS, None) == tuple(RULE_SETS.values())
    assert chosen(RULE_SETS, ["gdpr", "gdpr"]) == (GDPR,)
    with pytest.raises(Invalid, match="no rule set 'hipaa'"):
        chosen(RULE_SETS, ["gdpr", "hipaa"])


odd = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", " ", "high", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*FIELDS, "present", "risks", "*"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(of_model=st.dictionaries(st.sampled_from([*FIELDS]), odd), of_version=odd)
def test_whatever_was_stored_once_can_be_reported_on(of_model: Any, of_version: Any) -> None:
    said = of_version if isinstance(of_version, dict) else {}
    datasets = tuple(each for each in said.values() if isinstance(each, dict))
    found = report(
        Facts(model(compliance=of_model), version(compliance=said, datasets=datasets)),
        tuple(RULE_SETS.values()),
    )

    asked = [each for each in found.chapters if not each.why]
    for chapter in asked:
        assert len(chapter.findings) == len(chapter.rule_set.requirements)
    for finding in (each for chapter in asked for each in chapter.findings):
        if finding.status is Status.PRESENT:
            assert not finding.lacking
        if finding.status is Status.PARTIAL:
            assert finding.found
            assert finding.lacking


def test_a_report_can_be_asked_as_of_a_time_and_by_what_the_namespace_chose() -> None:
    world = World()
    registry = world.registry
    registry.models.register(ADMIN, "default", "iris", {})
    world.registered({})
    world.clock.advance(seconds=60)
    before = world.clock.now()
    world.clock.advance(seconds=60)
    patch: Any = {"compliance": {"risk_class": "high"}}
    registry.models.update(ADMIN, "default", "iris", patch, expected_revision=None)
    registry.policies.set_rule_sets(ADMIN, "default", ["eu-ai-act", "gdpr"])

    def ask(**more: Any) -> Report:
        return registry.compliance.report(READER, "default", "iris", ByNumber(1), **more)

    assert [each.rule_set.id for each in ask().chapters] == ["eu-ai-act", "gdpr"]
    assert status(ask(), "art-6") is Status.PARTIAL
    assert [each.rule_set.id for each in ask(as_of=before).chapters] == list(RULE_SETS)
    assert status(ask(as_of=before), "art-6") is Status.MISSING
    assert [e.rule_set.id for e in ask(rule_sets=["gdpr"]).chapters] == ["gdpr"]
    with pytest.raises(Invalid):
        ask(rule_sets=["hipaa"])
    with pytest.raises(Invalid):
        ask(as_of=world.clock.now() + timedelta(days=1))
