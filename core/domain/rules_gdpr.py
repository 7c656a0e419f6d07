"""Regulation (EU) 2016/679, the GDPR: what of Art. 5, 6, 9, 13, 14, 22, 30 and 35 a registry of
models can hold. In our words; the law's are what counts."""

from core.domain.compliance import Requirement, RuleSet, Unless

_PERSONAL: Unless = (("compliance.personal_data.present", (False,)),)

GDPR = RuleSet(
    id="gdpr",
    title="GDPR: personal data",
    requirements=(
        Requirement(
            id="personal-data",
            title="Whether personal data is processed",
            law="GDPR Art. 4(1)",
            parts=(("compliance.personal_data.present",),),
            next_step="Push with compliance.personal_data.present true or false, or say it on the"
            " model for all versions. If false, nothing else is asked for.",
        ),
        Requirement(
            id="legal-basis",
            title="Legal basis",
            law="GDPR Art. 5(1)(a), 6(1)",
            parts=(("compliance.legal_basis",),),
            unless=_PERSONAL,
            next_step="Push with compliance.legal_basis, such as consent or public-task.",
        ),
        Requirement(
            id="special-categories",
            title="Special categories of data, and what allows their use",
            law="GDPR Art. 9, 10",
            parts=(
                ("compliance.personal_data.special_categories",),
                ("compliance.special_category_basis",),
            ),
            unless=(*_PERSONAL, ("compliance.personal_data.special_categories", ([],))),
            next_step="Push with compliance.personal_data.special_categories, an empty list if"
            " there are none; else special_category_basis too.",
        ),
        Requirement(
            id="controller",
            title="Controller and data protection officer",
            law="GDPR Art. 13(1)(a)-(b), 30(1)(a)",
            parts=(("compliance.controller",), ("compliance.data_protection_officer",)),
            unless=_PERSONAL,
            next_step="Say controller and data_protection_officer on the model.",
        ),
        Requirement(
            id="purposes",
            title="Purposes of the processing",
            law="GDPR Art. 5(1)(b), 13(1)(c), 30(1)(b)",
            parts=(("compliance.processing_purposes",),),
            unless=_PERSONAL,
            next_step="Say processing_purposes on the model.",
        ),
        Requirement(
            id="categories",
            title="Whose data, of which categories, from which source",
            law="GDPR Art. 14(1)(d), 14(2)(f), 30(1)(c)",
            parts=(
                ("compliance.personal_data.data_subjects",),
                ("compliance.personal_data.categories",),
                ("compliance.personal_data.source",),
            ),
            unless=_PERSONAL,
            next_step="Push with compliance.personal_data: data_subjects, categories, source.",
        ),
        Requirement(
            id="minimisation",
            title="Data minimisation and protection",
            law="GDPR Art. 5(1)(c), 25",
            parts=(
                ("compliance.personal_data.minimisation",),
                ("compliance.personal_data.protection",),
            ),
            unless=_PERSONAL,
            next_step="Push with compliance.personal_data: minimisation, and protection (none,"
            " pseudonymised or anonymised).",
        ),
        Requirement(
            id="accuracy",
            title="Accuracy of the data",
            law="GDPR Art. 5(1)(d)",
            parts=(("compliance.data_governance",),),
            unless=_PERSONAL,
            next_step="Push with compliance.data_governance: how the data was checked and cleaned.",
        ),
        Requirement(
            id="recipients",
            title="Recipients",
            law="GDPR Art. 13(1)(e), 30(1)(d)",
            parts=(("compliance.recipients",),),
            unless=_PERSONAL,
            next_step="Say recipients on the model; an empty list if there are none.",
        ),
        Requirement(
            id="transfers",
            title="Transfers to third countries",
            law="GDPR Art. 13(1)(f), 30(1)(e)",
            parts=(("compliance.third_country_transfers",),),
            unless=_PERSONAL,
            next_step="Say third_country_transfers on the model; an empty list if there are none.",
        ),
        Requirement(
            id="erasure",
            title="How long data is kept",
            law="GDPR Art. 5(1)(e), 13(2)(a), 30(1)(f)",
            parts=(("compliance.erasure",),),
            unless=_PERSONAL,
            next_step="Say erasure on the model: days, rule.",
        ),
        Requirement(
            id="security",
            title="Security measures",
            law="GDPR Art. 5(1)(f), 30(1)(g), 32",
            parts=(("compliance.security_measures",),),
            unless=_PERSONAL,
            next_step="Say security_measures on the model.",
        ),
        Requirement(
            id="rights",
            title="How people exercise their rights",
            law="GDPR Art. 13(2)(b)-(d), 15-21",
            parts=(("compliance.data_subject_rights",),),
            unless=_PERSONAL,
            next_step="Say data_subject_rights on the model.",
        ),
        Requirement(
            id="automated-decisions",
            title="Decisions made by it alone: whether, by what logic, with which consequences",
            law="GDPR Art. 13(2)(f), 22",
            parts=(
                ("compliance.automated_decisions.used",),
                ("compliance.automated_decisions.logic",),
                ("compliance.automated_decisions.consequences",),
            ),
            unless=(*_PERSONAL, ("compliance.automated_decisions.used", (False,))),
            next_step="Say automated_decisions on the model: used, and if so logic and"
            " consequences.",
        ),
        Requirement(
            id="impact-assessment",
            title="Data protection impact assessment: whether it is needed, when it was made, how"
            " it ended",
            law="GDPR Art. 35",
            parts=(
                ("compliance.impact_assessment.required",),
                ("compliance.impact_assessment.date",),
                ("compliance.impact_assessment.outcome",),
                ("compliance.impact_assessment.uri", "compliance.impact_assessment.path"),
            ),
            unless=(*_PERSONAL, ("compliance.impact_assessment.required", (False,))),
            next_step="Say impact_assessment on the model: required, and if so date, outcome and"
            " uri.",
        ),
    ),
)
