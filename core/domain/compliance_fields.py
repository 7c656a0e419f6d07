"""What rules ask of a model and of a build, under names of the EU AI Act and the GDPR, typed.

One vocabulary, `FIELDS`, and a home for each name. What a model is for, how it is overseen, who
answers for it can be said better tomorrow: that is the model's, can be changed and has a history.
What a build was made of is the version's and fixed with it. Either may say the other's: the type
is the same wherever a name is used. Names that are not here may hold anything.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

from core.domain.shapes import (
    Problem,
    Shape,
    boolean,
    count,
    date,
    either,
    fields,
    list_of,
    map_of,
    mapping,
    number,
    one_of,
    prose,
    text,
)
from core.errors import Invalid


class RiskClass(StrEnum):
    """The classes of the EU AI Act: Art. 5, Art. 6, Art. 50, everything else, Art. 51."""

    PROHIBITED = "prohibited"
    HIGH = "high"
    LIMITED = "limited"
    MINIMAL = "minimal"
    GPAI = "gpai"


LEGAL_BASES = (
    *("consent", "contract", "legal-obligation", "vital-interests", "public-task"),
    "legitimate-interests",
)
"""GDPR Art. 6(1), points a to f."""

SPECIAL_CATEGORY_BASES = (
    *("explicit-consent", "employment-and-social-security", "vital-interests"),
    *("not-for-profit-bodies", "made-public-by-the-data-subject", "legal-claims"),
    *("substantial-public-interest", "health-and-social-care", "public-health"),
    "archiving-research-statistics",
)
"""GDPR Art. 9(2), points a to j."""

SPECIAL_CATEGORIES = (
    *("racial-or-ethnic-origin", "political-opinions", "religious-or-philosophical-beliefs"),
    *("trade-union-membership", "genetic-data", "biometric-data", "health"),
    *("sex-life-or-sexual-orientation", "criminal-offences"),
)
"""GDPR Art. 9(1), and the criminal offences of Art. 10."""

_SHOWN = 20


class Home(StrEnum):
    """Where a name belongs."""

    MODEL = "model"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class ComplianceField:
    """A name of the vocabulary: whose it is, and the shape of its value."""

    home: Home
    shape: Shape


_texts = list_of(text)
_proses = list_of(prose)
_words = either(prose, _proses)
_DATA_GOVERNANCE = (
    *("provenance", "collection", "labelling", "cleaning"),
    *("suitability", "gaps", "bias_examination"),
)
_party = either(text, fields({"name": text, "address": text, "contact": text}, required=["name"]))
_document = either(
    prose,
    fields(
        {
            **dict.fromkeys(("title", "uri", "path", "digest", "signed_by"), text),
            "date": date,
            "summary": prose,
        }
    ),
)
_risk = fields(
    {
        **dict.fromkeys(("risk", "mitigation", "residual", "affected"), prose),
        "severity": one_of("low", "medium", "high"),
        "likelihood": one_of("low", "medium", "high"),
    },
    required=["risk"],
)


def _one_or_more(*words: str) -> Shape:
    """One of these words, or a list of them."""
    word = one_of(*words)

    def shape(place: str, value: Any) -> Iterator[Problem]:
        yield from (list_of(word) if isinstance(value, list | tuple) else word)(place, value)

    return shape


_OF_THE_MODEL: Mapping[str, Shape] = {
    "provider": _party,
    "intended_use": either(
        prose, fields({"purpose": prose, "users": _texts, "out_of_scope": _proses})
    ),
    "foreseeable_misuse": _words,
    "limitations": _words,
    "unintended_outcomes": _words,
    "risk_class": one_of(*RiskClass),
    "risk_class_reason": prose,
    "interactions": _words,
    "update_requirements": prose,
    "forms_of_delivery": either(text, _texts),
    "hardware": either(prose, mapping),
    "product_views": list_of(_document),
    "user_interface": prose,
    "instructions_for_use": _document,
    "human_oversight": either(
        prose,
        fields(
            {
                "measures": _words,
                "responsible": text,
                "training": prose,
                "can_be_overridden": boolean,
                "can_be_stopped": boolean,
            }
        ),
    ),
    "predetermined_changes": _words,
    "cybersecurity": _words,
    "input_data": either(prose, mapping),
    "metrics_rationale": prose,
    "risk_management": either(
        prose,
        fields(
            {"process": prose, "risks": list_of(_risk), "responsible": text, "reviewed_at": date}
        ),
    ),
    "standards": list_of(either(text, fields({"name": text, "edition": text}, required=["name"]))),
    "declaration_of_conformity": _document,
    "post_market_monitoring": _document,
    "controller": _party,
    "joint_controllers": list_of(_party),
    "data_protection_officer": _party,
    "processing_purposes": _words,
    "recipients": _texts,
    "third_country_transfers": list_of(fields({"country": text, "safeguards": text})),
    "erasure": either(prose, fields({"days": count, "rule": prose})),
    "security_measures": _words,
    "data_subject_rights": prose,
    "automated_decisions": fields({"used": boolean, "logic": prose, "consequences": prose}),
    "impact_assessment": fields(
        {
            **dict.fromkeys(("uri", "path", "digest"), text),
            "required": boolean,
            "reason": prose,
            "date": date,
            "outcome": one_of("acceptable", "mitigated", "authority-consulted"),
        }
    ),
}
_OF_THE_VERSION: Mapping[str, Shape] = {
    "training_method": prose,
    "pretrained": list_of(
        either(
            text,
            fields(
                dict.fromkeys(("name", "provider", "version", "license", "uri", "use"), text),
                required=["name"],
            ),
        )
    ),
    "design": prose,
    "architecture": either(prose, mapping),
    "compute": fields(
        {"hardware": text, "hours": number, "energy_kwh": number, "emissions_kg_co2": number}
    ),
    "data_governance": either(
        prose,
        fields(dict.fromkeys(_DATA_GOVERNANCE, prose)),
    ),
    "testing": fields(
        {
            "procedures": prose,
            "robustness": prose,
            "reports": list_of(_document),
            "signed_by": text,
            "date": date,
        }
    ),
    "changes": _words,
    "personal_data": fields(
        {
            "present": boolean,
            "children": boolean,
            "categories": _texts,
            "special_categories": list_of(one_of(*SPECIAL_CATEGORIES)),
            "data_subjects": _texts,
            "source": prose,
            "minimisation": prose,
            "protection": one_of("none", "pseudonymised", "anonymised"),
        }
    ),
    "legal_basis": _one_or_more(*LEGAL_BASES),
    "special_category_basis": _one_or_more(*SPECIAL_CATEGORY_BASES),
}

FIELDS: Mapping[str, ComplianceField] = {
    **{name: ComplianceField(Home.MODEL, shape) for name, shape in _OF_THE_MODEL.items()},
    **{name: ComplianceField(Home.VERSION, shape) for name, shape in _OF_THE_VERSION.items()},
}
"""Every name of `compliance`, of models and of versions."""

COMPLIANCE: Shape = fields({name: field.shape for name, field in FIELDS.items()})

FAIRNESS: Shape = fields(
    {
        "protected_attributes": _texts,
        "metrics": map_of(number),
        "groups": map_of(map_of(number)),
        "mitigation": prose,
        "assessed_at": date,
    }
)
"""Of a version's `fairness`: metrics over all, and the metrics of each group."""

EXPLAINABILITY: Shape = fields(
    {
        "methods": _texts,
        "global_importance": map_of(number),
        "description": prose,
        "limitations": _words,
    }
)
"""Of a version's `explainability`."""


def check_compliance(compliance: Mapping[str, Any]) -> None:
    """Raise `Invalid` naming each known name whose value has not its shape.

    This is for what is going to be stored; what is stored is not checked again.
    """
    problems = list(islice(COMPLIANCE("compliance", compliance), _SHOWN))
    if problems:
        place, message = problems[0]
        raise Invalid(
            f"What is said of the compliance does not fit: {place} {message}.",
            next_step="Correct these places. Names that the registry does not know may hold"
            " anything.",
            problems=problems,
        )


def risk_class_of(*stated: Mapping[str, Any]) -> RiskClass | None:
    """The first risk class that one of these says; None if none does, or none that there is."""
    for compliance in stated:
        value = compliance.get("risk_class")
        if isinstance(value, str) and value in set(RiskClass):
            return RiskClass(value)
    return None
