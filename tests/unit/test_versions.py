"""How versions are named, and what a version may say of its build."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.semantic_versions import parse_compatible, parse_version
from core.domain.versions import (
    MAX_NUMBER,
    ByAlias,
    ByDigest,
    ByFingerprint,
    ByNumber,
    ByVersion,
    Compatible,
    Latest,
    ModelVersion,
    VersionReference,
    parse_reference,
)
from core.errors import Invalid, TooLarge

DIGEST = "sha256:" + "0a" * 32
FINGERPRINT = "fingerprint:" + "0a" * 32


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("3", ByNumber(3)),
        ("v3", ByNumber(3)),
        ("007", ByNumber(7)),
        ("999999999", ByNumber(MAX_NUMBER)),
        ("latest", Latest()),
        ("@latest", Latest()),
        ("@champion", ByAlias("champion")),
        ("@v3-candidate", ByAlias("v3-candidate")),
        (DIGEST, ByDigest(DIGEST)),
        (FINGERPRINT, ByFingerprint(FINGERPRINT)),
        ("1.2.0", ByVersion(parse_version("1.2.0"))),
        ("==1.2.0", ByVersion(parse_version("1.2.0"))),
        ("==1.2.0-rc.1+linux", ByVersion(parse_version("1.2.0-rc.1+linux"))),
        ("~=1.2", Compatible(parse_compatible("~=1.2"))),
        ("~=1.2.3", Compatible(parse_compatible("~=1.2.3"))),
    ],
)
def test_a_version_is_named_in_one_of_these_ways(text: str, reference: VersionReference) -> None:
    assert parse_reference(text) == reference


@pytest.mark.parametrize(
    "text",
    [
        "",
        "champion",
        "V3",
        "-1",
        "+1",
        "1.0",
        "1_000",
        "٣",
        "²",
        "3\n",
        " 3",
        "1234567890",
        "9" * 5_000,
        "LATEST",
        "@",
        "@@a",
        "@3",
        "@v3",
        "@LATEST",
        "@sha256",
        "@a/b",
        "@a b",
        "sha256:",
        "sha256:" + "A" * 64,
        "sha256:" + "a" * 63,
        DIGEST + "\n",
        "md5:" + "a" * 32,
        "fingerprint:",
        "fingerprint:" + "A" * 64,
        FINGERPRINT + "\n",
        "@fingerprint",
        "@" + FINGERPRINT,
        "v1.2.0",
        "1.2",
        "01.2.0",
        "==1.2",
        "==v3",
        "==",
        "=1.2.0",
        ">=1.2.0",
        "~=1",
        "~=1.2.3-rc.1",
        "@1.2.0",
        "@v1.2.0-rc.1",
        "../1",
        "\0",
        "\u202e3",
        "x" * 10_000,
    ],
)
def test_anything_else_names_no_version(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_reference(text)

    assert caught.value.next_step
    assert len(caught.value.message) < 600


@given(st.text())
def test_reading_a_reference_never_fails_in_another_way(text: str) -> None:
    for candidate in (text, f"@{text}", f"sha256:{text}", f"v{text}", f"=={text}", f"~={text}"):
        with suppress(Invalid):
            parse_reference(candidate)


VERSIONS = st.from_regex(
    r"(0|[1-9][0-9]?)\.(0|[1-9])\.(0|[1-9])(-[a-z]{1,3}(\.[1-9])?)?", fullmatch=True
).map(parse_version)
REFERENCES = st.one_of(
    st.builds(ByNumber, st.integers(0, MAX_NUMBER)),
    st.just(Latest()),
    st.builds(ByDigest, st.from_regex(r"sha256:[0-9a-f]{64}", fullmatch=True)),
    st.builds(ByFingerprint, st.from_regex(r"fingerprint:[0-9a-f]{64}", fullmatch=True)),
    st.builds(ByVersion, VERSIONS),
    st.builds(ByAlias, st.from_regex(r"[a-z][a-z0-9_.-]{0,20}x", fullmatch=True)),
)


@given(REFERENCES)
def test_a_reference_written_down_is_read_back(reference: VersionReference) -> None:
    match reference:
        case ByNumber(number):
            text = str(number)
        case ByAlias(alias):
            text = f"@{alias}"
        case ByDigest(digest):
            text = digest
        case ByFingerprint(fingerprint):
            text = fingerprint
        case ByVersion(version):
            text = str(version)
        case Latest():
            text = "latest"

    assert parse_reference(text) == reference


def version(**changes: Any) -> ModelVersion:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    values: dict[str, Any] = {
        "id": 1,
        "model_id": 1,
        "namespace": "default",
        "model": "iris",
        "number": 1,
        "key_prefix": "default/iris/1/",
        "created_at": at,
        "created_by": "subject:dev:alice",
        "updated_at": at,
        "updated_by": "subject:dev:alice",
    }
    return ModelVersion(**{**values, **changes})


def test_a_version_keeps_what_describes_its_build() -> None:
    kept = version(
        parameters={"depth": 3, "$where": {"a.b": [None]}},
        metrics={"accuracy": 0.9, "n": 5},
        datasets=({"name": "iris"},),
        license="Apache-2.0",
    )

    assert kept.metrics == {"accuracy": 0.9, "n": 5}


@pytest.mark.parametrize(
    "changes",
    [
        {"metrics": {"accuracy": "0.9"}},
        {"metrics": {"accuracy": True}},
        {"metrics": {"accuracy": None}},
        {"metrics": {"accuracy": float("nan")}},
        {"metrics": {"n": 1 << 64}},
        {"metrics": {"": 1}},
        {"parameters": {"a": "\0"}},
        {"parameters": {"a": "\ud800"}},
        {"parameters": []},
        {"code": {"a": float("inf")}},
        {"datasets": ({"": 1},)},
        {"datasets": ({"a": b""},)},
        {"license": ""},
        {"license": "a\r\nb"},
        {"version": "1.0"},
        {"tags": {"a": 1}},
        {"owner": "x" * 513},
    ],
)
def test_a_build_that_could_not_be_kept_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        version(**changes)


@pytest.mark.parametrize("field", ["parameters", "code", "signature", "environment", "framework"])
def test_each_part_of_a_build_is_bounded(field: str) -> None:
    with pytest.raises(TooLarge):
        version(**{field: {"a": "x" * (1 << 20)}})
