"""Fingerprints: equal for equal trainings, different for any other, none for what is unknown."""

import hashlib
import re
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.domain.documents import is_same
from core.services.fingerprints import fingerprint_of
from tests.contract.entities import version

INTEGERS = st.integers(-(1 << 63), (1 << 63) - 1)
# Canonical JSON knows one zero.
FLOATS = st.floats(allow_nan=False, allow_infinity=False).map(lambda value: value + 0.0)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
KEYS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=3
)
SCALARS = (
    st.none()
    | st.booleans()
    | INTEGERS
    | FLOATS
    | TEXTS
    | st.sampled_from([0, 1, 0.0, 1.0, True, "1", "int:1", "str:1", "1.0", "true", "null", ""])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=4)
COMMIT = {"commit": "0a" * 20}


def fingerprint(**training: Any) -> str | None:
    return fingerprint_of(version(**training))


def turned(value: Any) -> Any:
    """The same, with every map in the opposite order."""
    match value:
        case dict():
            return {key: turned(item) for key, item in reversed(value.items())}
        case list():
            return [turned(item) for item in value]
    return value


@given(DOCUMENTS, st.sampled_from(["parameters", "environment"]))
def test_the_order_of_keys_never_matters(document: dict[str, Any], part: str) -> None:
    assert fingerprint(**{part: document}) == fingerprint(**{part: turned(document)})


@given(DOCUMENTS, DOCUMENTS)
def test_two_trainings_have_one_fingerprint_only_if_they_are_the_same(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    assert (fingerprint(parameters=first) == fingerprint(parameters=second)) == is_same(
        first, second
    )


@given(SCALARS, SCALARS)
def test_every_value_and_its_type_count(first: Any, second: Any) -> None:
    assert (fingerprint(parameters={"a": first}) == fingerprint(parameters={"a": second})) == (
        is_same(first, second)
    )


@given(INTEGERS)
def test_an_integer_of_64_bits_is_exact(number: int) -> None:
    assume(number < (1 << 63) - 1)

    prints = {fingerprint(parameters={"seed": value}) for value in (number, number + 1)}
    prints.add(fingerprint(parameters={"seed": float(number)}))
    prints.add(fingerprint(parameters={"seed": str(number)}))

    assert len(prints) == 4


def test_unicode_is_taken_as_it_is() -> None:
    composed, decomposed = "\u00e9", "e\u0301"
    astral, private = "\U0001f600", "\uffff"  # in UTF-16 their order is the other way round

    assert fingerprint(parameters={composed: 1}) != fingerprint(parameters={decomposed: 1})
    assert fingerprint(parameters={"a": composed}) != fingerprint(parameters={"a": decomposed})
    assert fingerprint(parameters={astral: 1, private: 2}) == fingerprint(
        parameters={private: 2, astral: 1}
    )


def test_anybody_can_compute_it_again() -> None:
    text = (
        '{"code":{"commit":"str:c0ffee","diff_sha256":null},'
        '"datasets":[{"digest":"str:sha256:1"},{"name":"str:iris","version":"int:2"}],'
        '"environment":{"python":"str:3.12.1"},'
        '"parameters":{"C":0.5,"depth":"int:3","é":[null,true,1]}}'
    )

    found = fingerprint(
        parameters={"é": [None, True, 1.0], "depth": 3, "C": 0.5},
        datasets=(
            {"version": 2, "name": "iris", "rows": 150},
            {"name": "x", "digest": "sha256:1", "uri": "s3://a/b"},
        ),
        code={"commit": "c0ffee", "dirty": False, "branch": "main"},
        environment={"python": "3.12.1"},
    )

    assert found == f"fingerprint:{hashlib.sha256(text.encode()).hexdigest()}"
    assert re.fullmatch(r"fingerprint:[0-9a-f]{64}", found)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"name": "a", "digest": "sha256:1"}, {"name": "b", "digest": "sha256:1"}),
        ({"name": "a", "version": "1", "rows": 3}, {"name": "a", "version": "1", "rows": 4}),
        ({"uri": "s3://a"}, {"uri": "s3://a", "name": None, "version": ""}),
    ],
)
def test_a_data_set_is_known_by_its_digest_or_else_its_name_version_and_uri(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    assert fingerprint(datasets=(first,)) == fingerprint(datasets=(second,))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"name": "a", "digest": "sha256:1"}, {"name": "a", "digest": "sha256:2"}),
        ({"name": "a", "digest": "sha256:1"}, {"name": "a"}),
        ({"name": "a", "version": "1"}, {"name": "a", "version": 1}),
        ({"name": "a"}, {"uri": "a"}),
        ({"rows": 3}, {"rows": 4}),
    ],
)
def test_other_data_is_another_training(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert fingerprint(datasets=(first,)) != fingerprint(datasets=(second,))


@given(st.permutations([{"digest": "sha256:1"}, {"digest": "sha256:2"}, {"uri": "s3://a"}]))
def test_the_order_of_data_sets_does_not_matter(datasets: list[dict[str, Any]]) -> None:
    ordered = ({"uri": "s3://a"}, {"digest": "sha256:1"}, {"digest": "sha256:2"})

    assert fingerprint(datasets=tuple(datasets)) == fingerprint(datasets=ordered)
    assert fingerprint(datasets=(*datasets, datasets[0])) != fingerprint(datasets=ordered)


def test_of_the_code_only_what_was_run_counts() -> None:
    clean = fingerprint(code={**COMMIT, "dirty": False})

    assert clean == fingerprint(code={**COMMIT, "branch": "main", "remote": "https://git"})
    assert clean != fingerprint(code={"commit": "0b" * 20})
    one, two = (
        fingerprint(code={**COMMIT, "dirty": True, "diff_sha256": diff}) for diff in ("1", "2")
    )
    assert len({clean, one, two}) == 3


@pytest.mark.parametrize(
    "training",
    [
        {},
        {"metrics": {"accuracy": 1}, "license": "MIT", "framework": {"name": "sklearn"}},
        {"code": {"branch": "main", "dirty": False}},
        {"code": {**COMMIT, "dirty": True}, "parameters": {"depth": 3}},
        {"code": {**COMMIT, "dirty": True, "diff_sha256": ""}, "parameters": {"depth": 3}},
    ],
)
def test_what_does_not_tell_a_training_has_no_fingerprint(training: dict[str, Any]) -> None:
    assert fingerprint(**training) is None


def test_each_part_of_a_training_counts() -> None:
    whole = {
        "parameters": {"a": 1},
        "datasets": ({"name": "a"},),
        "code": COMMIT,
        "environment": {"a": 1},
    }
    without = [{name: whole[name] for name in whole if name != part} for part in whole]

    assert len({fingerprint(**training) for training in (whole, *without)}) == 5
    assert fingerprint(parameters={"a": 1}) != fingerprint(environment={"a": 1})
