"""Tables of claims: which are tables at all, and which tokens pass them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.access import Action, Role
from core.domain.publishers import PLATFORMS, Platform, Publisher, anchor_of
from core.errors import Invalid

AT = datetime(2026, 11, 24, tzinfo=UTC)
TABLES: dict[Platform, dict[str, Any]] = {
    Platform.GITHUB: {
        "repository": "acme/fraud",
        "repository_id": "1",
        "repository_owner_id": "2",
        "ref": "refs/heads/main",
    },
    Platform.GITLAB: {
        "project_path": "acme/fraud",
        "project_id": "1",
        "namespace_id": "2",
        "ref_protected": "true",
    },
    Platform.KUBERNETES: {
        "kubernetes.io/namespace": "training",
        "kubernetes.io/serviceaccount/name": "trainer",
    },
    Platform.CUSTOM: {"sub": "robot-7", "stage": 3, "trusted": True},
}
values = st.one_of(
    st.text(max_size=8), st.booleans(), st.integers(0, 3), st.sampled_from(["1", "2", "true"])
)


def publisher(platform: Platform = Platform.GITHUB, **fields: Any) -> Publisher:
    whole: dict[str, Any] = {
        "namespace": "fraud",
        "name": "release",
        "issuer": platform.value,
        "platform": platform,
        "claims": TABLES[platform],
        "role": Role.WRITER,
        "created_at": AT,
        "created_by": "subject:dev:alice",
        "updated_at": AT,
        "updated_by": "subject:dev:alice",
    }
    return Publisher(**{**whole, **fields})


@pytest.mark.parametrize("platform", Platform)
def test_a_token_with_every_claim_passes_whatever_else_it_has(platform: Platform) -> None:
    token = {**TABLES[platform], "anything": "else", "run_id": "77"}

    assert publisher(platform).passes(platform.value, token)


@pytest.mark.parametrize("platform", Platform)
def test_a_missing_claim_never_passes(platform: Platform) -> None:
    for name in TABLES[platform]:
        token = {other: value for other, value in TABLES[platform].items() if other != name}
        assert not publisher(platform).passes(platform.value, token)


@pytest.mark.parametrize("platform", Platform)
def test_a_claim_of_another_type_never_passes(platform: Platform) -> None:
    for name, wanted in TABLES[platform].items():
        odd: list[Any] = [[wanted], {wanted: wanted}, None, not isinstance(wanted, bool)]
        odd += [str(wanted) if not isinstance(wanted, str) else 1, 1 if wanted is True else True]
        for value in odd:
            assert not publisher(platform).passes(platform.value, {**TABLES[platform], name: value})


@given(st.sampled_from(Platform), st.data())
def test_only_the_very_values_of_the_table_pass(platform: Platform, data: Any) -> None:
    table = TABLES[platform]
    token = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(table, values)))
    same = all(
        name in token and type(token[name]) is type(value) and token[name] == value
        for name, value in table.items()
    )

    assert publisher(platform).passes(platform.value, token) is same


def test_the_token_of_another_issuer_never_passes() -> None:
    assert not publisher().passes("gitlab", TABLES[Platform.GITHUB])
    assert not publisher(issuer="github-enterprise").passes("github", TABLES[Platform.GITHUB])


@pytest.mark.parametrize("platform", [each for each in Platform if each is not Platform.CUSTOM])
def test_a_table_names_who_it_is_by_ids_too(platform: Platform) -> None:
    for name in PLATFORMS[platform].identity:
        claims = {other: value for other, value in TABLES[platform].items() if other != name}
        with pytest.raises(Invalid) as caught:
            publisher(platform, claims=claims)
        assert (name, "is missing") in caught.value.problems


@pytest.mark.parametrize("platform", [Platform.GITHUB, Platform.GITLAB])
def test_a_table_says_which_runs_are_meant(platform: Platform) -> None:
    narrowing = PLATFORMS[platform].narrowing
    claims = {name: value for name, value in TABLES[platform].items() if name not in narrowing}

    with pytest.raises(Invalid, match="do not tell one workload"):
        publisher(platform, claims=claims)


@pytest.mark.parametrize(
    ("name", "value", "is_good"),
    [
        ("ref", "refs/tags/v*", True),
        ("ref", "refs/heads/release/*", True),
        ("ref", "refs/heads/*", True),
        ("ref", "*", False),
        ("ref", "refs/*", False),
        ("ref", "refs/pull/*", False),
        ("ref", "refs/heads/*/x", False),
        ("ref", "refs/heads/**", False),
        ("job_workflow_ref", "acme/fraud/.github/workflows/release.yml@refs/tags/*", True),
        ("job_workflow_ref", "acme/fraud/.github/workflows/release.yml@*", True),
        ("job_workflow_ref", "acme/fraud/*", False),
        ("environment", "prod*", False),
        ("repository", "acme/*", False),
        ("repository_id", "1*", False),
        ("repository_owner_id", "*", False),
    ],
)
def test_a_wildcard_stands_only_where_it_is_safe(name: str, value: str, is_good: bool) -> None:
    claims = {**TABLES[Platform.GITHUB], name: value}
    if not is_good:
        with pytest.raises(Invalid):
            publisher(claims=claims)
        return

    found = publisher(claims=claims)
    assert found.passes("github", {**claims, name: value.replace("*", "1.2.3")})
    assert not found.passes("github", {**claims, name: "refs/pull/1/merge"})
    assert not found.passes("github", {**claims, name: value[:-2]})


def test_a_star_that_a_token_brings_is_no_wildcard() -> None:
    token = {**TABLES[Platform.GITHUB], "ref": "refs/heads/*"}

    assert not publisher().passes("github", token)


@pytest.mark.parametrize(
    "claims",
    [
        {"unknown": "x"},
        {"actor": "mallory"},
        {"event_name": True},
        {"ref": ""},
        {"ref": "refs/heads/a\nb"},
        {"environment": "x" * 513},
    ],
)
def test_a_table_holds_only_text_that_the_platform_vouches_for(claims: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        publisher(claims={**TABLES[Platform.GITHUB], **claims})


@pytest.mark.parametrize(
    "fields",
    [
        {"role": Role.OWNER},
        {"role": Role.ADMIN},
        {"role": None},
        {"role": None, "actions": (Action.GRANT_CHANGE,)},
        {"actions": (Action.NAMESPACE_CREATE,)},
        {"actions": (Action.UPLOAD_RECEIVE,)},
        {"name": "No Name"},
        {"model": "a/b"},
        {"namespace": "*"},
    ],
)
def test_a_workload_never_changes_who_may_do_what(fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        publisher(**fields)


def test_a_publisher_of_one_model_may_create_it_only_if_that_is_named() -> None:
    plain = publisher(model="churn").rule
    named = publisher(model="churn", actions=(Action.MODEL_REGISTER,)).rule

    assert plain.scope == named.scope == "fraud/churn"
    assert Action.MODEL_REGISTER not in plain.actions
    assert Action.MODEL_REGISTER in named.actions


def test_publishers_are_found_by_who_the_workload_is() -> None:
    for platform, table in TABLES.items():
        whole = dict(table)
        assert publisher(platform).anchor == anchor_of(platform.value, platform, whole)
        assert anchor_of("other", platform, whole) != publisher(platform).anchor
        assert anchor_of(platform.value, platform, {}) is None
    numeric: dict[str, Any] = {**TABLES[Platform.GITHUB], "repository_id": 1}
    assert anchor_of("github", Platform.GITHUB, numeric) is None
