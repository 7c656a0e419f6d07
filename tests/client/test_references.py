"""References to models and versions."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.domain.names import RESERVED_ALIAS
from core.domain.versions import parse_reference as parse_on_server
from modelry.errors import Invalid
from modelry.references import Reference, parse_reference

DIGEST = "sha256:" + "0f" * 32
FINGERPRINT = "fingerprint:" + "0f" * 32
namespaces = st.none() | st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
models = st.text(
    st.characters(exclude_characters="/\\:@", exclude_categories=["C", "Z"]), min_size=1
)
versions = st.one_of(
    st.none(),
    st.just("latest"),
    st.just(DIGEST),
    st.just(FINGERPRINT),
    st.from_regex(
        r"(0|[1-9][0-9]?)(\.(0|[1-9][0-9]?)){2}(-(0|[1-9]|[a-z-]{1,2})(\.[a-z0-9]*[a-z])?)?(\+0[a-z]?)?",
        fullmatch=True,
    ),
    st.from_regex(r"~=(0|[1-9][0-9]?)(\.(0|[1-9][0-9]?)){1,2}", fullmatch=True),
    st.from_regex(r"stage:[A-Za-z_][A-Za-z0-9_.-]{0,20}", fullmatch=True),
    st.integers(1, 999_999_999).map(str),
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,20}", fullmatch=True).map("@{}".format),
)


@given(namespaces, models, versions)
def test_what_is_written_is_what_is_read(
    namespace: str | None, model: str, version: str | None
) -> None:
    assume(model not in {".", ".."} and version != "@latest")
    reference = Reference(model, version, namespace)

    assert parse_reference(str(reference)) == reference


@given(st.text(max_size=40))
def test_any_text_is_a_reference_or_refused_with_what_to_write(text: str) -> None:
    try:
        reference = parse_reference(text)
    except Invalid as error:
        refusal = error.next_step
    else:
        refusal = "MODEL"
        assert parse_reference(str(reference)) == reference

    assert "MODEL" in refusal


@given(versions)
def test_the_registry_reads_each_version_that_the_client_sends(version: str | None) -> None:
    assume(version is not None)
    parsed = parse_reference(str(Reference("iris", version)))

    assume(not RESERVED_ALIAS.fullmatch(str(parsed.alias)))
    parse_on_server(str(parsed.version))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("iris", Reference("iris")),
        ("fraud/iris", Reference("iris", None, "fraud")),
        ("iris@champion", Reference("iris", "@champion")),
        ("fraud/iris:3", Reference("iris", "3", "fraud")),
        ("iris:v3", Reference("iris", "3")),
        ("iris:latest", Reference("iris", "latest")),
        ("iris@latest", Reference("iris", "latest")),
        (f"iris@{DIGEST}", Reference("iris", DIGEST)),
        ("my model.v2:1", Reference("my model.v2", "1")),
        (f"iris@{FINGERPRINT}", Reference("iris", FINGERPRINT)),
        ("iris:1.2.0", Reference("iris", "1.2.0")),
        ("iris:==1.2.0", Reference("iris", "1.2.0")),
        ("fraud/iris:2.0.0-rc.1+b", Reference("iris", "2.0.0-rc.1+b", "fraud")),
        ("iris:~=1.2", Reference("iris", "~=1.2")),
        ("iris:~=1.2.3", Reference("iris", "~=1.2.3")),
    ],
)
def test_each_form_means_one_thing(text: str, expected: Reference) -> None:
    assert parse_reference(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "/iris", "Fraud/iris", "a/b/c", "iris:", "iris@", "iris@a@b", "iris:1:2", "..", "iris@a b",
     "iris@sha256:00", "iris@fingerprint:00", "iris:1.2", "iris:01.2.0", "iris:==1.2", "iris:~=1",
     "iris:~=1.2.3-rc.1", "iris@~=1.2", "iris:>=1.2.0", "iris:1.0.0+" + "a" * 99,
     ":3", "@champion", " iris", "iris:1234567890"],
)  # fmt: skip
def test_what_could_be_misread_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_reference(text)


def test_an_alias_behind_a_colon_is_refused_with_the_right_form() -> None:
    with pytest.raises(Invalid, match="did you mean @champion"):
        parse_reference("iris:champion")


@pytest.mark.parametrize("version", ["==1.2", "~=1", "~=1.2.3.4", "1.2", "v1.2.0", "1.02.0"])
def test_a_range_that_is_none_is_refused_with_one_that_is(version: str) -> None:
    with pytest.raises(Invalid, match=r"~=1\.2"):
        parse_reference(f"iris:{version}")


def test_a_build_and_a_range_are_escaped_in_addresses() -> None:
    build, releases = Reference("iris", "1.0.0+b"), Reference("iris", "~=1.2")

    assert build.version_path().endswith("/versions/1.0.0%2Bb")
    assert releases.version_path().endswith("/versions/~%3D1.2")


def test_names_are_escaped_in_addresses() -> None:
    reference = Reference("a b%2F?#", "@champion", "fraud")

    assert reference.version_path() == (
        "/namespaces/fraud/models/a%20b%252F%3F%23/versions/@champion"
    )
