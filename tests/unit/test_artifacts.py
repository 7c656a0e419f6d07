"""Artifacts: named, each its own files or a reference that is recorded, never followed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.access import Role
from core.domain.artifacts import SCHEMES, check_artifacts, uri_fault
from core.domain.pages import PageRequest
from core.domain.versions import ByNumber, VersionState
from core.errors import Conflict, Invalid, NotFound
from tests.builders import ADMIN, World, caller

READER = caller(("default", Role.READER))
FILES = {"weights/a.bin": b"a", "weights/b.bin": b"b", "card.md": b"# Card"}
ARTIFACTS = (
    {"name": "weights", "kind": "model", "path": "weights"},
    {"name": "card", "kind": "document", "path": "card.md", "media_type": "text/markdown"},
    {"name": "data", "kind": "dataset", "uri": "s3://lake/iris/", "metadata": {"a.b": 1}},
)


@pytest.mark.parametrize(
    "uri",
    [
        "s3://bucket/a/b.bin",
        "s3://bucket/k%20ey?versionId=3HL4kqtJ",
        "gs://bucket/x?generation=12",
        "hdfs://namenode:8020/models/churn",
        "webhdfs://namenode.example.org:9870/models/é",
        "abfs://container@account.dfs.core.windows.net/path",
        "abfss://c@account.dfs.core.windows.net/a",
        "https://10.0.0.7/model.bin",
        "https://[::1]:8443/model.bin",
        "oci://registry.example.org/team/model:1.2",
        "hf://org/model?revision=main",
        "s3://bucket",
    ],
)
def test_a_reference_of_a_known_kind_is_recorded(uri: str) -> None:
    assert uri_fault(uri) is None


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "model.bin",
        "/etc/passwd",
        "file:///etc/passwd",
        "local:/etc",
        "memory://x/y",
        "filecache::s3://a/b",
        "zip://a::https://b",
        "gopher://a/b",
        "data:text/plain,x",
        "http://example.org/x",
        "javascript://s3/%0aalert(1)",
        "S3://bucket/x",
        "s3:/bucket/x",
        "s3:///x",
        "https://user:password@example.org/x",
        "https://user@example.org/x",
        "s3://key:secret@bucket/x",
        "abfs://c:k@account.dfs.core.windows.net/x",
        "abfs://a@b@account/x",
        "https://example.org\\@evil/x",
        "https://example.org/x?X-Amz-Signature=00",
        "https://example.org/x?sig=abc",
        "https://example.org/x?versionId",
        "https://example.org/x#fragment",
        "https://example.org/#",
        "s3://bucket/../other",
        "s3://bucket/a/./b",
        "s3://bucket/%2e%2e/other",
        "s3://bucket/%252e%252e/other",
        "s3://bucket/a b",
        "s3://bucket/a\nb",
        "s3://bucket/a\0",
        "s3://bucket/\u202ex",
        "s3://bucket/e\u0301",
        "s3://bucket/" + "x" * 2_048,
        "s3://bucket/" + "é" * 1_020,
        "https://exa mple/x",
        "https://-/x",
    ],
)
def test_anything_else_is_no_reference(uri: str) -> None:
    assert uri_fault(uri)


@given(st.text(max_size=40), st.sampled_from(sorted(SCHEMES)))
def test_reading_a_reference_never_fails_in_another_way(text: str, scheme: str) -> None:
    for uri in (text, f"{scheme}://{text}", f"{scheme}://host/{text}"):
        fault = uri_fault(uri)
        if fault is None:
            assert uri.isprintable()
            assert "\\" not in uri


@pytest.mark.parametrize(
    ("artifact", "place"),
    [
        ({"kind": "model", "path": "card.md"}, "artifacts.0.name"),
        ({"name": "a", "path": "card.md"}, "artifacts.0.kind"),
        ({"name": "a", "kind": "weights", "path": "card.md"}, "artifacts.0.kind"),
        ({"name": "a/b", "kind": "model", "path": "card.md"}, "artifacts.0.name"),
        ({"name": "a", "kind": "model"}, "artifacts.0"),
        ({"name": "a", "kind": "model", "path": "card.md", "uri": "s3://b/x"}, "artifacts.0"),
        ({"name": "a", "kind": "model", "path": "other.md"}, "artifacts.0.path"),
        ({"name": "a", "kind": "model", "path": "weight"}, "artifacts.0.path"),
        ({"name": "a", "kind": "model", "path": ""}, "artifacts.0.path"),
        ({"name": "a", "kind": "model", "uri": "file:///etc"}, "artifacts.0.uri"),
        ({"name": "a", "kind": "model", "uri": "s3://b", "digest": "abc"}, "artifacts.0.digest"),
        ({"name": "a", "kind": "model", "uri": "s3://b", "size_bytes": -1},
         "artifacts.0.size_bytes"),
        ({"name": "a", "kind": "model", "uri": "s3://b", "media_type": "x"},
         "artifacts.0.media_type"),
        ({"name": "a", "kind": "model", "uri": "s3://b", "metadata": []}, "artifacts.0.metadata"),
        ({"name": "a", "kind": "model", "uri": "s3://b", "secret": 1}, "artifacts.0.secret"),
        ("a", "artifacts.0"),
    ],
)  # fmt: skip
def test_an_artifact_that_does_not_fit_is_named(artifact: Any, place: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_artifacts([artifact], FILES)

    assert [where for where, _ in caught.value.problems] == [place]


def test_names_are_used_once() -> None:
    with pytest.raises(Invalid, match="twice"):
        check_artifacts([ARTIFACTS[0], ARTIFACTS[0]], FILES)


def test_artifacts_are_listed_and_managed_files_fetched() -> None:
    world = World()
    world.pushed(FILES, artifacts=ARTIFACTS)
    artifacts = world.registry.artifacts

    card = artifacts.get(READER, "default", "iris", ByNumber(1), "card")
    weights = artifacts.get(READER, "default", "iris", ByNumber(1), "weights")
    data = artifacts.get(READER, "default", "iris", ByNumber(1), "data")

    page = artifacts.of_version(READER, "default", "iris", ByNumber(1), PageRequest())
    assert [artifact.name for artifact in page.items] == [each["name"] for each in ARTIFACTS]
    assert card.request is not None
    assert world.blobs.fetch(card.request) == b"# Card"
    assert (weights.request, data.request) == (None, None)
    assert data.artifact.uri == "s3://lake/iris/"
    with pytest.raises(NotFound, match="no artifact"):
        artifacts.get(READER, "default", "iris", ByNumber(1), "other")


def test_a_managed_file_of_a_pending_version_cannot_be_had() -> None:
    world = World()
    world.registry.models.register(ADMIN, "default", "iris", {})
    world.registered(FILES, artifacts=ARTIFACTS)

    with pytest.raises(Conflict):
        world.registry.artifacts.get(READER, "default", "iris", ByNumber(1), "card")
    assert world.registry.artifacts.get(READER, "default", "iris", ByNumber(1), "data").artifact


def test_a_version_of_references_alone_is_ready_at_once() -> None:
    world = World()
    world.registry.models.register(ADMIN, "default", "iris", {})

    version = world.registered({}, artifacts=ARTIFACTS[2:])

    assert version.state is VersionState.READY
    assert version.artifacts == ARTIFACTS[2:]


def test_other_references_are_another_version_of_the_same_training() -> None:
    world = World()
    world.registry.models.register(ADMIN, "default", "iris", {})
    one, other = ({"name": "m", "kind": "model", "uri": f"s3://b/{n}"} for n in (1, 2))

    first = world.registered({}, parameters={"a": 1}, artifacts=(one,))
    second = world.registered({}, parameters={"a": 1}, artifacts=(other,))
    again = world.registered({}, parameters={"a": 1}, artifacts=(one,))

    assert [first.number, second.number, again.number] == [1, 2, 1]
