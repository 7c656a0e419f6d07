"""Model versions: create, get, update, stages, delete, search and tags."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.api.client import Api
from tests.dialects.mlflow.conftest import Mlflow

VERSIONS = "model-versions"
INVALID = "INVALID_PARAMETER_VALUE"
MISSING = "RESOURCE_DOES_NOT_EXIST"
RUN = "0" * 32
LOGGED = "m-" + "1" * 32


@pytest.fixture
def mlflow(mlflow: Mlflow) -> Mlflow:
    """With a model `iris`."""
    mlflow.post("registered-models/create", name="iris")
    return mlflow


def create(mlflow: Mlflow, source: str = "s3://elsewhere/m", **body: Any) -> Any:
    sent = {"name": "iris", "source": source, **body}
    return mlflow.post(f"{VERSIONS}/create", **sent)["model_version"]


def get(mlflow: Mlflow, version: str = "1") -> Any:
    return mlflow.get(f"{VERSIONS}/get", name="iris", version=version)["model_version"]


def found(mlflow: Mlflow, **params: Any) -> list[str]:
    answer = mlflow.get(f"{VERSIONS}/search", **params)
    return [each["version"] for each in answer.get("model_versions", [])]


def test_a_version_says_what_it_is_and_is_ready_at_once(mlflow: Mlflow) -> None:
    made = create(
        mlflow,
        run_id=RUN,
        run_link="https://example.org/run",
        description="first",
        tags=[{"key": "a", "value": "1"}],
    )

    times = made.pop("creation_timestamp"), made.pop("last_updated_timestamp")
    assert all(isinstance(each, int) for each in times)
    assert made == {
        "name": "iris",
        "version": "1",
        "current_stage": "None",
        "description": "first",
        "source": "s3://elsewhere/m",
        "run_id": RUN,
        "run_link": "https://example.org/run",
        "status": "READY",
        "tags": [{"key": "a", "value": "1"}],
    }
    assert {**get(mlflow), **made} == get(mlflow)


def test_numbers_go_on_after_a_deletion(mlflow: Mlflow) -> None:
    assert [create(mlflow)["version"] for _ in range(2)] == ["1", "2"]

    mlflow.delete(f"{VERSIONS}/delete", name="iris", version="2")

    assert create(mlflow)["version"] == "3"
    assert found(mlflow, filter="name = 'iris'", order_by="version_number") == ["1", "3"]


def test_a_deleted_version_is_gone_with_its_aliases(mlflow: Mlflow) -> None:
    create(mlflow, run_id=RUN)
    for alias in ("champion", "best"):
        mlflow.post("registered-models/alias", name="iris", alias=alias, version="1")

    mlflow.delete(f"{VERSIONS}/delete", name="iris", version="1")

    one = {"name": "iris", "version": "1"}
    for path in ("get", "get-download-uri"):
        mlflow.refused(MISSING, "GET", f"{VERSIONS}/{path}", params=one)
    mlflow.refused(MISSING, "DELETE", f"{VERSIONS}/delete", json=one)
    mlflow.refused(MISSING, "PATCH", f"{VERSIONS}/update", json=one)
    mlflow.refused(MISSING, "POST", f"{VERSIONS}/set-tag", json={**one, "key": "k"})
    mlflow.refused(MISSING, "POST", f"{VERSIONS}/transition-stage", json={**one, "stage": "None"})
    mlflow.refused(MISSING, "POST", "registered-models/alias", json={**one, "alias": "a"})
    assert "aliases" not in mlflow.get("registered-models/get", name="iris")["registered_model"]
    assert found(mlflow, filter=f"run_id = '{RUN}'") == []


@pytest.mark.parametrize(
    ("version", "code"),
    [
        ("abc", INVALID),
        ("1.0", INVALID),
        ("", INVALID),
        ("0", MISSING),
        ("-1", MISSING),
        ("7", MISSING),
        ("9" * 23, MISSING),
    ],
)
def test_a_version_has_a_number(mlflow: Mlflow, version: str, code: str) -> None:
    create(mlflow)
    one = {"name": "iris", "version": version}

    mlflow.refused(code, "GET", f"{VERSIONS}/get", params=one)
    mlflow.refused(code, "DELETE", f"{VERSIONS}/delete", json=one)
    mlflow.refused(INVALID, "DELETE", f"{VERSIONS}/delete", json={"name": "iris", "version": 1})


def test_a_number_may_begin_with_nought_in_a_query(mlflow: Mlflow) -> None:
    create(mlflow)

    assert get(mlflow, "01")["version"] == "1"


def test_what_is_said_of_a_version_changes(mlflow: Mlflow) -> None:
    create(mlflow, description="old")
    one = {"name": "iris", "version": "1"}

    changed = mlflow.patch(f"{VERSIONS}/update", **one, description="new")
    mlflow.post(f"{VERSIONS}/set-tag", **one, key="k", value="v")
    mlflow.post(f"{VERSIONS}/set-tag", **one, key="k", value="w")

    assert changed["model_version"]["description"] == "new"
    assert get(mlflow)["tags"] == [{"key": "k", "value": "w"}]
    for _ in range(2):
        assert mlflow.delete(f"{VERSIONS}/delete-tag", **one, key="k") == {}
    cleared = mlflow.patch(f"{VERSIONS}/update", **one)["model_version"]
    assert {"description", "tags"}.isdisjoint(cleared)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"source": ""},
        {"source": "/tmp/model"},
        {"source": "model"},
        {"source": "C:\\model"},
        {"source": "file:///tmp/model"},
        {"source": "file://host/model"},
        {"source": "https://example.org/model"},
        {"source": "s3://bucket/../model"},
        {"source": "s3://bucket/%2e%2e/model"},
        {"source": "s3://bucket/%252E%252e/model"},
        {"source": f"runs:/{RUN}/model"},
        {"source": f"runs:/{RUN}/model", "run_id": "f" * 32},
        {"source": f"models:/{LOGGED}"},
        {"source": f"models:/{LOGGED}", "model_id": "m-" + "2" * 32},
        {"source": f"mlflow-artifacts:/1/{RUN}/artifacts/model"},
        {"source": f"mlflow-artifacts:/1/{RUN}/artifacts/model", "run_id": "f" * 32},
        {"source": "mlflow-artifacts:/anything", "run_id": RUN},
        {"source": "models:/iris"},
        {"source": "models:/iris@nothing"},
        {"source": 5},
    ],
)
def test_some_sources_cannot_be(mlflow: Mlflow, body: Any) -> None:
    mlflow.refused(INVALID, "POST", f"{VERSIONS}/create", json={"name": "iris", **body})


@pytest.mark.parametrize("source", ["s3://b/m", "dbfs:/m", "gs://b/m", "hdfs://h/m", "any+thing:m"])
def test_addresses_of_other_stores_are_kept_as_they_are(mlflow: Mlflow, source: str) -> None:
    create(mlflow, source)

    one = mlflow.get(f"{VERSIONS}/get-download-uri", name="iris", version="1")
    assert one == {"artifact_uri": source}
    assert get(mlflow)["source"] == source


def test_a_copy_is_of_the_same_run_and_leads_to_the_same_bytes(mlflow: Mlflow) -> None:
    create(mlflow, run_id=RUN, model_id=LOGGED)
    mlflow.post("registered-models/alias", name="iris", alias="champion", version="1")
    mlflow.post("registered-models/create", name="copies")

    for source in ("models:/iris/1", "models:/iris@champion", "models:/copies/1"):
        made = mlflow.post(f"{VERSIONS}/create", name="copies", source=source)["model_version"]
        assert (made["source"], made["run_id"]) == (source, RUN)
        where = {"name": "copies", "version": made["version"]}
        download = mlflow.get(f"{VERSIONS}/get-download-uri", **where)
        assert download == {"artifact_uri": "s3://elsewhere/m"}


@pytest.mark.parametrize("source", ["models:/iris/9", "models:/nothing/1", "models:/nothing@a"])
def test_a_copy_is_of_something(mlflow: Mlflow, source: str) -> None:
    body = {"name": "iris", "source": source}

    mlflow.refused(MISSING, "POST", f"{VERSIONS}/create", json=body)


def test_a_version_is_of_a_model(mlflow: Mlflow) -> None:
    body = {"name": "nothing", "source": "s3://b/m"}

    mlflow.refused(MISSING, "POST", f"{VERSIONS}/create", json=body)


def test_versions_are_found_by_what_they_are(mlflow: Mlflow) -> None:
    create(mlflow, run_id=RUN, tags=[{"key": "team", "value": "a"}])
    create(mlflow, source="s3://other/m", run_id="f" * 32, tags=[{"key": "team", "value": "b"}])
    create(mlflow)

    assert sorted(found(mlflow)) == ["1", "2", "3"]
    assert found(mlflow, filter=f"run_id = '{RUN}'") == ["1"]
    assert found(mlflow, filter=f"run_id IN ('{RUN}', 'x')") == ["1"]
    assert found(mlflow, filter=f"name='iris' and run_id NOT IN ('{RUN}')") == ["2"]
    assert found(mlflow, filter="source_path LIKE 's3://o%'") == ["2"]
    assert found(mlflow, filter="version_number >= 2", order_by="version_number") == ["2", "3"]
    assert found(mlflow, filter="version_number = '3'") == ["3"]
    assert found(mlflow, filter="tags.team != 'a'") == ["2"]
    assert found(mlflow, filter="tag.team ILIKE 'A'") == ["1"]
    assert found(mlflow, filter="name = 'nothing'") == []


def test_what_changed_last_comes_first(api: Api, mlflow: Mlflow) -> None:
    for _ in range(3):
        create(mlflow)
    assert found(mlflow) == ["3", "2", "1"]
    api.world.clock.advance(seconds=1)

    mlflow.post(f"{VERSIONS}/set-tag", name="iris", version="2", key="k", value="v")

    assert found(mlflow) == ["2", "3", "1"]
    assert found(mlflow, order_by="creation_timestamp ASC") == ["3", "2", "1"]
    assert found(mlflow, order_by=["name DESC", "version_number ASC"]) == ["1", "2", "3"]


def test_pages_of_versions_follow_each_other(mlflow: Mlflow) -> None:
    for _ in range(5):
        create(mlflow)

    pages, token = [], None
    while token or not pages:
        answer = mlflow.get(f"{VERSIONS}/search", max_results=2, page_token=token or "")
        pages.append([each["version"] for each in answer["model_versions"]])
        token = answer.get("next_page_token")

    assert pages == [["5", "4"], ["3", "2"], ["1"]]


@pytest.mark.parametrize(
    "params",
    [
        {"filter": "version_number = 1.5"},
        {"filter": "version_number = 'x'"},
        {"filter": "version_number LIKE '1'"},
        {"filter": "version_number IN (1)"},
        {"filter": "version_number BETWEEN 1 AND 2"},
        {"filter": "version_number > 99999999999999999999999"},
        {"filter": "source_path IN ('a')"},
        {"filter": "tags.a IN ('a')"},
        {"filter": "tags.a > 'a'"},
        {"filter": "NAME = 'iris'"},
        {"filter": "params.a = 'x'"},
        {"filter": "name = 'a' OR name = 'b'"},
        {"filter": "(name = 'a')"},
        {"filter": "name = 'a';"},
        {"filter": "run_id IN ()"},
        {"filter": "name IS NULL"},
        {"order_by": "run_id"},
        {"order_by": ["name", "name"]},
        {"max_results": 0},
        {"max_results": 200_001},
    ],
)
def test_a_search_that_is_none_is_refused(mlflow: Mlflow, params: Any) -> None:
    mlflow.refused(INVALID, "GET", f"{VERSIONS}/search", params=params)


def test_a_version_that_another_client_pushed_has_a_place_here(api: Api, mlflow: Mlflow) -> None:
    pushed = api.world.pushed({"model.bin": b"1"}, model="pushed")

    found = mlflow.get(f"{VERSIONS}/get", name="pushed", version="1")["model_version"]

    assert found["source"] == f"mlflow-artifacts:/versions/{pushed.id}"
    assert found["status"] == "READY"


def test_of_many_who_create_versions_each_gets_the_next_number(mlflow: Mlflow) -> None:
    with ThreadPoolExecutor(8) as pool:
        numbers = pool.map(lambda _: create(mlflow)["version"], range(8))

    assert sorted(map(int, numbers)) == list(range(1, 9))
