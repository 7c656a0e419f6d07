"""Regulation (EU) 2024/1689, the AI Act: its risk classes, and the technical documentation of
Annex IV, sections 1 to 9. In our words; the law's are what counts."""

from core.domain.compliance import Requirement, RuleSet

CLASSES = RuleSet(
    id="eu-ai-act",
    title="EU AI Act: risk class",
    requirements=(
        Requirement(
            id="art-6",
            title="Risk class, and why it is that one",
            law="AI Act Art. 6",
            parts=(("compliance.risk_class",), ("compliance.risk_class_reason",)),
            next_step="Say on the model: risk_class (prohibited, high, limited, minimal or gpai)"
            " and risk_class_reason.",
        ),
        Requirement(
            id="art-5",
            title="No prohibited practice",
            law="AI Act Art. 5",
            parts=(("compliance.risk_class",),),
            never=(("compliance.risk_class", ("prohibited",)),),
            next_step="A prohibited practice may not be used at all; say the risk class.",
        ),
    ),
)

_GENERAL = (
    Requirement(
        id="1-a",
        title="Intended purpose, provider, and the version's relation to earlier ones",
        law="AI Act Annex IV(1)(a)",
        parts=(
            ("compliance.intended_use",),
            ("compliance.provider", "model.card.provider"),
            ("version.version_reason",),
        ),
        next_step="Say intended_use and provider on the model.",
    ),
    Requirement(
        id="1-b",
        title="What hardware, software and other AI systems it works with",
        law="AI Act Annex IV(1)(b)",
        parts=(("compliance.interactions",),),
        next_step="Say interactions on the model; an empty list if there are none.",
    ),
    Requirement(
        id="1-c",
        title="Versions of software, and what updates need",
        law="AI Act Annex IV(1)(c)",
        parts=(
            ("version.environment.packages", "version.framework.version"),
            ("compliance.update_requirements",),
        ),
        next_step="Push with the environment recorded, and say update_requirements on the model.",
    ),
    Requirement(
        id="1-d",
        title="The forms in which it is put on the market",
        law="AI Act Annex IV(1)(d)",
        parts=(("compliance.forms_of_delivery",),),
        next_step="Say forms_of_delivery on the model, such as download, API, embedded.",
    ),
    Requirement(
        id="1-e",
        title="The hardware that it is meant to run on",
        law="AI Act Annex IV(1)(e)",
        parts=(("compliance.hardware", "version.serving.environment"),),
        next_step="Say hardware on the model.",
    ),
    Requirement(
        id="1-f",
        title="Views of the product that it is a component of",
        law="AI Act Annex IV(1)(f)",
        parts=(("compliance.product_views",),),
        next_step="Say product_views on the model; an empty list if it is in no product.",
    ),
    Requirement(
        id="1-g",
        title="The interface for the people who use it",
        law="AI Act Annex IV(1)(g)",
        parts=(("compliance.user_interface",),),
        next_step="Say user_interface on the model.",
    ),
    Requirement(
        id="1-h",
        title="Instructions for use",
        law="AI Act Annex IV(1)(h), Art. 13",
        parts=(("compliance.instructions_for_use",),),
        next_step="Say instructions_for_use on the model, or where they are and their digest.",
    ),
)
_DEVELOPMENT = (
    Requirement(
        id="2-a",
        title="How it was developed, and from what others made",
        law="AI Act Annex IV(2)(a)",
        parts=(
            ("compliance.training_method", "version.tuning.method"),
            ("version.code.commit",),
            ("compliance.pretrained",),
        ),
        next_step="Push with training_method and pretrained (an empty list if there is none) in"
        " compliance, from a repository.",
    ),
    Requirement(
        id="2-b",
        title="Design: the logic, the choices and the assumptions behind them",
        law="AI Act Annex IV(2)(b)",
        parts=(("compliance.design",), ("version.tuning.objective", "version.metrics")),
        next_step="Say design in compliance.",
    ),
    Requirement(
        id="2-c",
        title="Architecture, and the computing that it took",
        law="AI Act Annex IV(2)(c)",
        parts=(
            ("compliance.architecture",),
            ("compliance.compute", "version.environment.hardware"),
        ),
        next_step="Push with architecture and compute in compliance.",
    ),
    Requirement(
        id="2-d",
        title="Training data: which, where from, how it was prepared",
        law="AI Act Annex IV(2)(d), Art. 10",
        parts=(
            ("version.datasets.*.name", "version.datasets.*.uri"),
            ("version.datasets.*.digest",),
            ("compliance.data_governance",),
        ),
        next_step="Push with the data sets and their digests, and data_governance in compliance.",
    ),
    Requirement(
        id="2-e",
        title="Human oversight: the measures that are needed",
        law="AI Act Annex IV(2)(e), Art. 14",
        parts=(("compliance.human_oversight",),),
        next_step="Say human_oversight on the model.",
    ),
    Requirement(
        id="2-f",
        title="Changes that are determined in advance",
        law="AI Act Annex IV(2)(f)",
        parts=(("compliance.predetermined_changes",),),
        next_step="Say predetermined_changes on the model; an empty list if there are none.",
    ),
    Requirement(
        id="2-g",
        title="Validation and testing: metrics, test data, robustness, effects on groups, reports"
        " that are dated and signed",
        law="AI Act Annex IV(2)(g)",
        parts=(
            ("version.metrics", "evaluations"),
            ("evaluations", "compliance.testing.procedures"),
            ("version.fairness.metrics", "version.fairness.groups"),
            ("compliance.testing.robustness",),
            ("compliance.testing.reports", "evaluations"),
            ("compliance.testing.date", "evaluations"),
            ("compliance.testing.signed_by",),
        ),
        next_step="Register an evaluation (`modelry evaluate`), and push with fairness, and testing"
        " in compliance.",
    ),
    Requirement(
        id="2-h",
        title="Cybersecurity",
        law="AI Act Annex IV(2)(h), Art. 15",
        parts=(("compliance.cybersecurity",),),
        next_step="Say cybersecurity on the model.",
    ),
)
_OPERATION = (
    Requirement(
        id="3",
        title="What it can do and where its limits are: accuracy, also by group; unintended"
        " outcomes; oversight; input data",
        law="AI Act Annex IV(3)",
        parts=(
            ("version.metrics", "evaluations"),
            ("version.fairness.groups",),
            ("compliance.limitations",),
            ("compliance.unintended_outcomes",),
            ("compliance.human_oversight",),
            ("compliance.input_data", "version.signature"),
        ),
        next_step="Say limitations, unintended_outcomes and human_oversight on the model; push with"
        " metrics, a signature, and fairness.groups.",
    ),
    Requirement(
        id="4",
        title="Why these performance metrics fit",
        law="AI Act Annex IV(4)",
        parts=(("compliance.metrics_rationale",),),
        next_step="Say metrics_rationale on the model.",
    ),
    Requirement(
        id="5",
        title="Risk management: process, risks, last review",
        law="AI Act Annex IV(5), Art. 9",
        parts=(
            ("compliance.risk_management",),
            ("compliance.risk_management.risks",),
            ("compliance.risk_management.reviewed_at",),
        ),
        next_step="Say risk_management on the model: process, risks, reviewed_at.",
    ),
    Requirement(
        id="6",
        title="Changes through the lifecycle",
        law="AI Act Annex IV(6)",
        parts=(("version.version_reason", "compliance.changes"),),
        next_step="Push without a version of your own: the registry then says what changed.",
    ),
    Requirement(
        id="7",
        title="Standards that were applied",
        law="AI Act Annex IV(7), Art. 40",
        parts=(("compliance.standards",),),
        next_step="Say standards on the model; an empty list if none, and how else it conforms.",
    ),
    Requirement(
        id="8",
        title="EU declaration of conformity",
        law="AI Act Annex IV(8), Art. 47",
        parts=(
            ("compliance.declaration_of_conformity",),
            ("compliance.declaration_of_conformity.date",),
            ("compliance.declaration_of_conformity.signed_by",),
        ),
        next_step="Say declaration_of_conformity on the model: uri or path, digest, date,"
        " signed_by.",
    ),
    Requirement(
        id="9",
        title="Monitoring after it is on the market",
        law="AI Act Annex IV(9), Art. 72",
        parts=(("compliance.post_market_monitoring",), ("version.serving.monitoring",)),
        next_step="Say post_market_monitoring on the model, and push with serving.monitoring.",
    ),
)

ANNEX_IV = RuleSet(
    id="eu-ai-act-annex-iv",
    title="EU AI Act: technical documentation (Annex IV)",
    requirements=(*_GENERAL, *_DEVELOPMENT, *_OPERATION),
    unless=(("compliance.risk_class", ("limited", "minimal", "gpai")),),
)
