"""Which change moves which part of the semantic version, and how it is told."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.changes import change_between
from core.domain.semantic_versions import Step
from tests.contract.entities import version

BEFORE = version(
    parameters={"depth": 3},
    datasets=({"name": "iris", "digest": "sha256:1"}, {"name": "extra"}),
    metrics={"accuracy": 0.9},
    code={"commit": "a"},
    signature={"inputs": [{"name": "x", "type": "double"}]},
    environment={"python": "3.12"},
    framework={"name": "sklearn"},
    license="MIT",
    digest="sha256:" + "0" * 64,
)
CHANGES: dict[str, tuple[dict[str, Any], Step, str]] = {
    "signature": ({"signature": {"inputs": []}}, Step.MAJOR, "signature"),
    "parameters": ({"parameters": {"depth": 4}}, Step.MINOR, "parameters"),
    "type of a parameter": ({"parameters": {"depth": 3.0}}, Step.MINOR, "parameters"),
    "data sets": ({"datasets": ({"name": "other"},)}, Step.MINOR, "data sets"),
    "files": ({"digest": "sha256:" + "1" * 64}, Step.PATCH, "files"),
    "no files": ({"digest": None}, Step.PATCH, "files"),
    "code": ({"code": {"commit": "b"}}, Step.PATCH, "code"),
    "environment": ({"environment": {}}, Step.PATCH, "environment"),
    "framework": ({"framework": {"name": "xgboost"}}, Step.PATCH, "framework"),
    "metrics": ({"metrics": {"accuracy": 1}}, Step.PATCH, "metrics"),
    "license": ({"license": None}, Step.PATCH, "license"),
}


@pytest.mark.parametrize(("changes", "step", "part"), CHANGES.values(), ids=CHANGES.keys())
def test_each_part_of_a_build_demands_its_step(
    changes: dict[str, Any], step: Step, part: str
) -> None:
    change = change_between(BEFORE, replace(BEFORE, **changes))

    assert (change.step, change.parts) == (step, (part,))
    assert change.since("1.2.0") == f"{part} changed since 1.2.0"


@given(st.sets(st.sampled_from(sorted(CHANGES))))
def test_the_largest_step_wins_and_is_explained(names: set[str]) -> None:
    after = BEFORE
    for name in names:
        after = replace(after, **CHANGES[name][0])

    change = change_between(BEFORE, after)

    assert change.step == max((CHANGES[name][1] for name in names), default=Step.PATCH)
    assert set(change.parts) == {
        CHANGES[name][2] for name in names if CHANGES[name][1] is change.step
    }


def test_several_parts_are_told_in_a_sentence() -> None:
    both = replace(BEFORE, parameters={}, datasets=())
    three = replace(BEFORE, digest=None, code={}, license=None)

    assert change_between(BEFORE, both).since("1.2.0") == (
        "parameters and data sets changed since 1.2.0"
    )
    assert change_between(BEFORE, three).since("1.2.0") == (
        "files, code and license changed since 1.2.0"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"description": "said otherwise", "tags": {"a": "b"}, "metadata": {"a": 1}},
        {"datasets": ({"name": "extra", "rows": 3}, {"uri": "s3://a", "digest": "sha256:1"})},
    ],
)
def test_what_only_describes_it_otherwise_is_no_change(changes: dict[str, Any]) -> None:
    change = change_between(BEFORE, replace(BEFORE, **changes))

    assert (change.step, change.parts) == (Step.PATCH, ())
    assert change.since("1.2.0") == "nothing changed since 1.2.0"
