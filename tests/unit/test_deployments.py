"""Environments, deployments and serve records: what they may be, and what observing them tells."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.deployments import (
    OVER,
    Deployment,
    DesiredState,
    check_endpoint,
    moves,
    observed,
    parse_desired_state,
)
from core.domain.environments import Environment
from core.domain.records import record, restore
from core.domain.serve_records import ServeRecord, ServeState, check_traffic
from core.domain.versions import parse_reference
from core.errors import Invalid

NOW = datetime(2026, 5, 6, tzinfo=UTC)
AUTHORED: dict[str, Any] = {
    "created_at": NOW,
    "created_by": "subject:dev:alice",
    "updated_at": NOW,
    "updated_by": "subject:dev:alice",
}


def environment(**fields: Any) -> Environment:
    return Environment(**{"id": 1, "namespace": "fraud", "name": "prod", **AUTHORED, **fields})


def deployment(**fields: Any) -> Deployment:
    place = {"environment_id": 1, "environment": "prod", "model_id": 1, "model": "iris"}
    values = {"id": 1, "namespace": "fraud", "name": "web", **place, **AUTHORED, **fields}
    return Deployment(**values)


def seen(number: int = 3, state: ServeState = ServeState.RUNNING, **fields: Any) -> ServeRecord:
    place = {"deployment_id": 1, "model": "iris", "version_id": 1, "namespace": "fraud"}
    values = {"id": 1, "name": "x", "number": number, "state": state, **place, **AUTHORED, **fields}
    return ServeRecord(**values)


def observe(before: Deployment, *records: ServeRecord) -> Deployment:
    for each in records:
        before = observed(before, each, at=NOW + timedelta(seconds=1), by="subject:dev:kserve")
    return before


@pytest.mark.parametrize("kind", ["kserve", "tf-serving", "my-own", "x"])
def test_any_word_is_a_kind_of_environment(kind: str) -> None:
    assert environment(kind=kind).kind == kind


@pytest.mark.parametrize("kind", ["", "KServe", "a b", "-a", "a-", None, 7, "x" * 64])
def test_what_is_no_word_is_no_kind(kind: Any) -> None:
    with pytest.raises(Invalid, match="no kind of environment"):
        environment(kind=kind)


@pytest.mark.parametrize("name", ["prod eu", "a/b:c", "100%_", "O'Brien", "7"])
def test_names_may_hold_what_other_clients_put_there(name: str) -> None:
    assert environment(name=name).name == deployment(name=name).name == name


@pytest.mark.parametrize("name", ["", "a\0b", "a\nb", "x" * 256, "\u202eprod"])
def test_names_that_cannot_be_read_are_refused(name: str) -> None:
    for make in (environment, deployment):
        with pytest.raises(Invalid):
            make(name=name)


@pytest.mark.parametrize("follows", ["nonsense!", "", "@", None, 3])
def test_a_deployment_follows_what_names_a_version(follows: Any) -> None:
    with pytest.raises(Invalid):
        deployment(follows=follows)


@pytest.mark.parametrize(
    ("text", "is_moving"),
    [("3", False), ("1.2.0", False), (f"sha256:{'0' * 64}", False), ("latest", True),
     ("@champion", True), ("~=1.2", True)],
)  # fmt: skip
def test_some_references_lead_elsewhere_tomorrow(text: str, is_moving: bool) -> None:
    assert moves(parse_reference(text)) is is_moving


def test_a_state_that_can_be_wanted_is_one_of_two() -> None:
    assert parse_desired_state("undeployed") is DesiredState.UNDEPLOYED
    for text in ("DEPLOYED", "", None, 1, ["deployed"]):
        with pytest.raises(Invalid, match="wanted to be"):
            parse_desired_state(text)


@pytest.mark.parametrize("endpoint", ["https://iris.test/v2", "http://10.0.0.1:8080", "grpc://a:1"])
def test_an_endpoint_is_where_something_answers(endpoint: str) -> None:
    check_endpoint(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://a:b@iris.test/",
        "file:///etc",
        "iris.test",
        "https://x/?token=s",
        "javascript://a",
        "",
    ],
)
def test_an_endpoint_holds_no_secret_and_nothing_else(endpoint: str) -> None:
    with pytest.raises(Invalid, match="endpoint"):
        check_endpoint(endpoint)


@pytest.mark.parametrize(
    "traffic",
    [{"3": 99}, {"3": 60, "4": 50}, {"a": 100}, {"03": 100}, {"3": 0, "4": 100}, {"3": 100.0}],
)
def test_shares_that_are_no_whole_are_refused(traffic: Any) -> None:
    with pytest.raises(Invalid, match="shared out"):
        check_traffic(traffic)


def test_what_runs_answers_and_replaces_what_answered() -> None:
    after = observe(deployment(), seen(3), seen(4, endpoint="https://iris.test/"))

    assert (after.traffic, after.serving) == ({"4": 100}, 4)
    assert (after.observed_state, after.endpoint) == (ServeState.RUNNING, "https://iris.test/")
    assert after.revision == 3
    assert after.updated_by == "subject:dev:kserve"


def test_a_canary_shares_the_traffic_and_the_larger_share_serves() -> None:
    after = observe(deployment(), seen(3), seen(4, traffic={"3": 90, "4": 10}))

    assert (after.serving, after.held) == (3, (3, 4))


@pytest.mark.parametrize("state", sorted(OVER))
def test_a_version_whose_time_is_over_answers_no_more(state: ServeState) -> None:
    after = observe(deployment(), seen(3), seen(3, state))

    assert (after.traffic, after.serving) == ({}, None)


def test_a_new_version_that_fails_leaves_the_old_one_answering() -> None:
    failed = seen(4, ServeState.FAILED, message="out of memory")
    after = observe(deployment(), seen(3), seen(4, ServeState.NEW), failed)

    assert (after.serving, after.observed_state, after.message) == (3, "failed", "out of memory")


def test_what_tells_nothing_new_changes_nothing() -> None:
    before = observe(deployment(), seen(3))

    assert observe(before, seen(3), seen(3)) is before


def test_a_version_is_held_where_it_is_wanted_or_answers() -> None:
    undeployed = DesiredState.UNDEPLOYED

    assert deployment(pinned=3).held == (3,)
    assert deployment(pinned=3, desired_state=undeployed).held == ()
    assert deployment(pinned=3, desired_state=undeployed, traffic={"2": 100}).held == (2,)
    assert deployment().held == ()


@given(
    st.lists(
        st.tuples(
            st.integers(1, 5),
            st.sampled_from(list(ServeState)),
            st.sampled_from([{}, {"1": 50, "2": 50}, {"5": 100}]),
        )
    )
)
def test_whatever_is_seen_the_shares_are_whole_and_what_answers_is_held(steps: list[Any]) -> None:
    now = deployment()
    for number, state, traffic in steps:
        after = observe(now, seen(number, state, traffic=traffic))
        assert after is now or after.revision == now.revision + 1
        now = after
        assert sum(now.traffic.values()) <= 100
        assert now.serving is None or now.serving in now.held
        assert restore(Deployment, record(now)) == now
