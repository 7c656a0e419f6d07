"""Bad input to every operation of both generations: refused in the dialect's own form, and nothing
is changed by it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.client import Api
from tests.dialects.kubeflow.cases import (
    GENERATIONS,
    PREFIX,
    Operation,
    case_of,
    operations,
    prepared,
)
from tests.dialects.kubeflow.conftest import Kubeflow

NO_IDS = ("abc", "1.5", "-1", "9" * 30, "1%00", "%20", "0x1", "\u0661")
BAD_LISTS: list[dict[str, str]] = [
    *({"pageSize": size} for size in ("-1", "1.5", "x", "9" * 12, "\u0663", "1e3")),
    *({"nextPageToken": token} for token in ("nonsense", "~", "~e30", "\0", "e30")),
    {"orderBy": "NAME"},
    {"sortOrder": "UP"},
]
BAD_FILTERS = (
    *("name = 'a", "(name = 'a'", "name = 'a')", "name =", "= 'a'", "name = unquoted", "name"),
    *("x.float_value = 1", "x.string_value = 1", "x.int_value = 'a'", "x.bool_value = 1"),
    *("id = 'abc'", "name LIKE 1", "name IN 'a'", "name IN (1,)", "NOT name = 'a'", "`a = 1"),
    *(
        "createTimeSinceEpoch = 'noon'",
        "name = 'a' AND",
        "a" * 10_001,
        "\0 = 1",
    ),
)
UNIONS = {"createArtifact", "updateArtifact", *(f"upsert{noun}Artifact" for noun in (
    "ModelVersion", "ExperimentRun"))}  # fmt: skip
"""Operations whose bodies may hold more than is known."""


@pytest.fixture(params=GENERATIONS)
def kubeflow(request: pytest.FixtureRequest) -> Kubeflow:
    """Where there is one of everything."""
    return prepared(request.param)


@pytest.fixture
def api(kubeflow: Kubeflow) -> Api:
    return kubeflow.api


def mine(kubeflow: Kubeflow, *methods: str) -> Iterator[Operation]:
    generation = kubeflow.prefix.removeprefix(f"{PREFIX}/")
    return (
        each for each in operations() if each.generation == generation and each.method in methods
    )


def refused(kubeflow: Kubeflow, method: str, path: str, **options: Any) -> int:
    """The status of an answer that must be a refusal, in the form of this dialect."""
    answer = kubeflow.api.request(method, kubeflow.prefix + path, **options)
    what = f"{method} {path} {str(options)[:200]}: {answer.status_code} {answer.text[:200]}"
    assert 400 <= answer.status_code < 500, what
    assert set(answer.json()) == {"code", "message"}, what
    assert answer.json()["message"], what
    return int(answer.status_code)


def place(operation: Operation, id: str = "1") -> str:
    return re.sub(r"\{[^}]+\}", id, operation.path)


def tables(api: Api) -> Any:
    return api.world.database._tables.copy()


def test_ids_that_are_none(api: Api, kubeflow: Kubeflow) -> None:
    before = tables(api)

    for operation in mine(kubeflow, "GET", "POST", "PATCH"):
        if "{" not in operation.path:
            continue
        body = case_of(operation, good=True).body
        for id in NO_IDS:
            path = place(operation, id)
            assert refused(kubeflow, operation.method, path, json=body) == 400

    assert tables(api) == before


def test_parents_that_are_none(kubeflow: Kubeflow) -> None:
    for operation in mine(kubeflow, "GET"):
        if operation.id.startswith("find"):
            for id in ("abc", "-1", "9" * 30):
                params = {"name": "a", "parentResourceId": id}
                if operation.id not in {"findRegisteredModel", "findServingEnvironment",
                                        "findExperiment"}:  # fmt: skip
                    assert refused(kubeflow, "GET", operation.path, params=params) == 400


def test_wildcards_are_ordinary_characters(kubeflow: Kubeflow) -> None:
    for operation in mine(kubeflow, "GET"):
        if operation.id.startswith("find"):
            for name in ("_", "%", "a%", "\\a"):
                params = {"name": name, "parentResourceId": "1"}
                assert refused(kubeflow, "GET", operation.path, params=params) == 404
            params = {"externalId": "%"}
            assert refused(kubeflow, "GET", operation.path, params=params) == 404


def test_null_bytes(api: Api, kubeflow: Kubeflow) -> None:
    before = tables(api)

    for operation in mine(kubeflow, "GET", "POST", "PATCH"):
        case = case_of(operation, good=True)
        if operation.id.startswith("find"):
            for name in ("name", "externalId"):
                params = {"parentResourceId": "1", name: "a\0"}
                assert refused(kubeflow, "GET", operation.path, params=params) in {400, 404}
        if case.body is not None:
            for name in ("description", "externalId"):
                body = {**case.body, name: "a\0"}
                assert refused(kubeflow, operation.method, place(operation), json=body) == 400

    assert tables(api) == before


def test_lists_that_make_no_sense(kubeflow: Kubeflow) -> None:
    for operation in mine(kubeflow, "GET"):
        if operation.id.startswith("get") and operation.id.endswith(("s", "History", "Versions")):
            for params in (*BAD_LISTS, *({"filterQuery": each} for each in BAD_FILTERS)):
                assert refused(kubeflow, "GET", place(operation), params=params) == 400


def test_fields_and_states_that_there_are_not(api: Api, kubeflow: Kubeflow) -> None:
    before = tables(api)
    states = ("state", "status", "desiredState", "lastKnownState")

    for operation in mine(kubeflow, "POST", "PATCH"):
        body = dict(case_of(operation, good=True).body or {})
        wrong: list[Any] = [{**body, name: "GONE"} for name in states]
        wrong += [{**body, "unknown": 1}, {**body, "description": 1}, [], "a", 1, None]
        if operation.id in UNIONS:
            wrong = [{**body, "state": "GONE"}, {**body, "description": 1}, [], "a", 1, None]
        wrong += [{**body, "customProperties": each} for each in (
            [], "a", {"a": None}, {"a": 1}, {"a": {"metadataType": []}},
            {"a": {"metadataType": "MetadataIntValue", "int_value": "x"}},
        )]  # fmt: skip
        for each in wrong:
            status = refused(kubeflow, operation.method, place(operation), json=each)
            assert status in {400, 422}, (operation, each)

    assert tables(api) == before


def test_bodies_that_are_no_json(api: Api, kubeflow: Kubeflow) -> None:
    before = tables(api)
    headers = {"Content-Type": "application/json"}

    for operation in mine(kubeflow, "POST", "PATCH"):
        for content in (b"", b"{", b'{"name": NaN}', b'{"name": "\xff"}', b"[" * 100_000):
            options = {"content": content, "headers": headers}
            status = refused(kubeflow, operation.method, place(operation), **options)
            assert status in {400, 413, 422}, (operation, content[:20])

    assert tables(api) == before


def test_names_and_external_ids_that_are_taken(kubeflow: Kubeflow) -> None:
    for operation in mine(kubeflow, "POST"):
        body = dict(case_of(operation, good=True).body or {})
        path = place(operation)
        if "artifact" not in operation.path:  # of which each kind has rules of its own
            assert refused(kubeflow, "POST", path, json={**body, "name": "a"}) == 409
        sent = {**body, "name": f"x-{operation.id}", "externalId": operation.id}
        assert kubeflow.api.post(kubeflow.prefix + path, json=sent).status_code < 300
        again = {**sent, "name": f"y-{operation.id}"}
        assert refused(kubeflow, "POST", path, json=again) == 409


def test_names_that_are_too_long(api: Api, kubeflow: Kubeflow) -> None:
    before = tables(api)

    for operation in mine(kubeflow, "POST"):
        body = dict(case_of(operation, good=True).body or {})
        assert refused(kubeflow, "POST", place(operation), json={**body, "name": "n" * 600}) == 400

    assert tables(api) == before
