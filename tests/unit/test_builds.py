"""What a version says of its build: typed where it is known, kept where it is not, bounded."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.access import Role
from core.domain.builds import BUILD_FIELDS, MAX_NOTES_BYTES, SHAPES, check_shapes
from core.domain.records import record, restore
from core.domain.versions import ByNumber, ModelVersion
from core.errors import Invalid, TooLarge
from tests.builders import ADMIN, World, caller
from tests.contract.entities import version

WRITER = caller(("default", Role.WRITER))
EVERYTHING: dict[str, Any] = {
    "model_type": "classifier",
    "parameters": {"depth": 3, "spark.sql.x": "1"},
    "metrics": {"accuracy": 0.9},
    "training_metrics": {"loss": 0.1},
    "cross_validation_metrics": {"accuracy": 0.88},
    "inference_metrics": {"latency_ms": 3},
    "confusion_matrix": {"labels": ["a", 1], "matrix": [[5, 0], [1, 4.5]], "of": "test"},
    "tuning": {
        "method": "bayes",
        "trials": 20,
        "objective": "accuracy",
        "search_space": {"depth": [1, 9]},
        "best_trial": {"number": 7},
        "mine": None,
    },
    "datasets": (
        {
            "name": "iris",
            "version": "3",
            "digest": "sha256:aa",
            "uri": "s3://lake/iris",
            "size_bytes": 10,
            "rows": 150,
            "role": "training",
            "preprocessing": {"scale": True},
            "features": [{"name": "petal", "type": "double", "importance": 0.7, "unit": "cm"}],
            "owner": "me",
        },
    ),
    "code": {"repository": "https://example.org/x", "commit": "abc", "dirty": False, "x": [1]},
    "environment": {"python": "3.12", "packages": {"numpy": "2.0"}, "hardware": {"gpus": 2}},
    "framework": {"name": "scikit-learn", "version": "1.6"},
    "explainability": {"shap": {"petal": 0.3}},
    "fairness": {"parity": 0.98},
    "compliance": {"gdpr": "done"},
    "serving": {
        "environment": "triton",
        "scaling": {"min": 1},
        "monitoring": [{"name": "board", "url": "https://grafana.example.org/d/1"}],
    },
    "origin": {"source": "s3://elsewhere/m", "run_id": "f" * 32, "more": 1},
    "authors": ("Alice", "Bob"),
    "approval_note": "seen",
    "notes": "# Notes\n",
    "license": "MIT",
}


def world() -> World:
    made = World()
    made.registry.models.register(ADMIN, "default", "iris", {})
    return made


def register(made: World, **described: Any) -> ModelVersion:
    return made.registry.versions.register(WRITER, "default", "iris", described).version


def test_everything_that_is_known_is_kept_and_read_back() -> None:
    made = world()

    kept = register(made, **EVERYTHING)

    found = made.registry.versions.get(WRITER, "default", "iris", ByNumber(1))
    assert {name: getattr(found, name) for name in EVERYTHING} == EVERYTHING
    assert found == kept


def test_every_field_is_tried_here() -> None:
    assert {*EVERYTHING, "signature", "artifacts"} == set(BUILD_FIELDS)


@pytest.mark.parametrize(
    ("described", "place"),
    [
        ({"datasets": ({"features": [{}, {}, {"importance": "high"}]},)},
         "datasets.0.features.2.importance"),
        ({"datasets": ({}, {"role": "holdout"})}, "datasets.1.role"),
        ({"datasets": ({"size_bytes": -1},)}, "datasets.0.size_bytes"),
        ({"datasets": ({"rows": 1.5},)}, "datasets.0.rows"),
        ({"datasets": ({"rows": True},)}, "datasets.0.rows"),
        ({"datasets": ({"features": "petal"},)}, "datasets.0.features"),
        ({"datasets": ({"features": {"petal": 1}},)}, "datasets.0.features"),
        ({"datasets": ({"preprocessing": ["scale"]},)}, "datasets.0.preprocessing"),
        ({"datasets": ("s3://lake/iris",)}, "datasets.0"),
        ({"framework": {"version": 1.6}}, "framework.version"),
        ({"framework": {"name": ""}}, "framework.name"),
        ({"environment": {"packages": {"numpy": 2}}}, "environment.packages.numpy"),
        ({"environment": {"packages": ["numpy"]}}, "environment.packages"),
        ({"environment": {"hardware": 4}}, "environment.hardware"),
        ({"code": {"dirty": "no"}}, "code.dirty"),
        ({"code": {"commit": 123}}, "code.commit"),
        ({"tuning": {"trials": "20"}}, "tuning.trials"),
        ({"tuning": {"search_space": "wide"}}, "tuning.search_space"),
        ({"training_metrics": {"loss": "low"}}, "training_metrics.loss"),
        ({"inference_metrics": {"fast": True}}, "inference_metrics.fast"),
        ({"confusion_matrix": {"labels": ["a"]}}, "confusion_matrix.matrix"),
        ({"confusion_matrix": {"matrix": [[1, 2]]}}, "confusion_matrix.matrix.0"),
        ({"confusion_matrix": {"matrix": [[1, -2], [0, 0]]}}, "confusion_matrix.matrix.0.1"),
        ({"confusion_matrix": {"matrix": [[1]], "labels": ["a", "b"]}}, "confusion_matrix.labels"),
        ({"confusion_matrix": {"matrix": [1]}}, "confusion_matrix.matrix.0"),
        ({"serving": {"monitoring": [{"name": "x"}]}}, "serving.monitoring.0.url"),
        ({"serving": {"monitoring": [{"url": "javascript:alert(1)"}]}}, "serving.monitoring.0.url"),
        ({"authors": ("Alice", 7)}, "authors.1"),
    ],
)  # fmt: skip
def test_a_known_key_of_the_wrong_type_is_named(described: dict[str, Any], place: str) -> None:
    with pytest.raises(Invalid) as caught:
        register(world(), **described)

    assert place in [where for where, _ in caught.value.problems]
    assert place in caught.value.message


@pytest.mark.parametrize(
    "described",
    [
        {"model_type": ""},
        {"model_type": "a/b"},
        {"model_type": "*"},
        {"model_type": "x" * 129},
        {"notes": "\0"},
        {"approval_note": "\ud800"},
        {"fairness": {"a": float("nan")}},
        {"explainability": {"": 1}},
    ],
)
def test_what_could_not_be_kept_is_refused(described: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        register(world(), **described)


def test_many_faults_are_named_at_once_and_not_all_of_a_thousand() -> None:
    described = {"authors": tuple(range(1_000)), "framework": {"name": 1}}

    with pytest.raises(Invalid) as caught:
        register(world(), **described)

    assert len(caught.value.problems) == 20


def test_notes_are_bounded_in_bytes() -> None:
    register(world(), notes="x" * MAX_NOTES_BYTES)

    with pytest.raises(TooLarge):
        register(world(), notes="é" * (MAX_NOTES_BYTES // 2 + 1))


def test_all_together_is_bounded_and_not_only_each_part() -> None:
    half = {"text": "x" * (600 << 10)}
    register(world(), parameters=half)

    with pytest.raises(TooLarge):
        register(world(), parameters=half, metadata=half)
    with pytest.raises(TooLarge):
        register(world(), explainability=half, fairness=half)


def test_updates_cannot_grow_beyond_the_same_bound() -> None:
    made = world()
    half = {"text": "x" * (600 << 10)}
    register(made, parameters=half)
    made.registry.models.update(
        ADMIN, "default", "iris", {"metadata": half}, expected_revision=None
    )

    with pytest.raises(TooLarge):
        made.registry.versions.update(
            WRITER, "default", "iris", ByNumber(1), {"metadata": half}, expected_revision=None
        )
    with pytest.raises(TooLarge):
        made.registry.models.update(
            ADMIN, "default", "iris", {"custom_properties": half}, expected_revision=None
        )
    with pytest.raises(TooLarge):
        made.registry.models.register(
            ADMIN, "default", "lilies", {"metadata": half, "custom_properties": half}
        )
    with pytest.raises(TooLarge):
        made.registry.namespaces.create(ADMIN, "n", {"metadata": half, "custom_properties": half})


def test_depth_is_the_same_alone_and_together() -> None:
    deep: Any = 1
    for _ in range(63):
        deep = {"d": deep}

    assert register(world(), parameters=deep).parameters == deep


def test_a_version_of_before_is_read_whatever_it_says() -> None:
    values = record(version())
    for name in ("model_type", "notes", "artifacts", "tuning", "training_metrics", "authors"):
        del values[name]
    values |= {"framework": {"name": 1}, "datasets": [{"rows": "many"}], "code": {"dirty": "yes"}}

    found = restore(ModelVersion, values)

    assert found.framework == {"name": 1}
    assert (found.artifacts, found.notes, found.model_type) == ((), "", None)


def test_what_a_build_says_later_is_a_patch_of_the_version() -> None:
    made = world()
    register(made, parameters={"depth": 3})

    second = register(
        made, parameters={"depth": 3}, training_metrics={"loss": 1}, signature={"x": 1}
    )
    third = register(
        made, parameters={"depth": 3, "x": 1}, signature={"x": 1}, training_metrics={"loss": 1}
    )
    fourth = made.registry.versions.register(
        WRITER, "default", "iris",
        {"parameters": {"depth": 3, "x": 1}, "signature": {"x": 1}, "inference_metrics": {"a": 1}},
        on_repeat="new",
    ).version  # fmt: skip

    assert [second.version, third.version, fourth.version] == ["2.0.0", "2.1.0", "2.1.1"]
    assert "inference metrics" in fourth.version_reason


def test_a_build_cannot_be_patched_but_the_type_of_a_model_can() -> None:
    made = world()
    register(made, model_type="classifier")

    changed = made.registry.models.update(
        ADMIN, "default", "iris", {"model_type": "regressor"}, expected_revision=None
    )
    cleared = made.registry.models.update(
        ADMIN, "default", "iris", {"model_type": None}, expected_revision=None
    )

    assert (changed.model_type, cleared.model_type) == ("regressor", None)
    with pytest.raises(Invalid):
        made.registry.versions.update(
            WRITER, "default", "iris", ByNumber(1), {"model_type": "x"}, expected_revision=None
        )
    with pytest.raises(Invalid):
        made.registry.namespaces.update(
            ADMIN, "default", {"model_type": "x"}, expected_revision=None
        )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(sorted(SHAPES)), JSON))
def test_whatever_is_said_is_taken_or_refused_with_a_place(described: dict[str, Any]) -> None:
    try:
        check_shapes(described)
        problems: tuple[tuple[str, str], ...] = ()
    except Invalid as error:
        problems = error.problems or (("nowhere", ""),)

    assert all(place.partition(".")[0] in described for place, _ in problems)
