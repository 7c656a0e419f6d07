"""Experiments, runs and metrics over HTTP."""

from typing import Any

import pytest

from tests.api.client import Api, problem

NAMESPACE = "/api/v1/namespaces/default"
RUN = f"{NAMESPACE}/runs/1"
AT = "2026-01-01T00:00:00.000Z"


@pytest.fixture
def api() -> Api:
    api = Api()
    made = api.post(f"{NAMESPACE}/experiments", json={"name": "first", "external_id": "e"})
    assert made.status_code == 201
    run = {"name": "try", "parameters": {"lr": 0.1}, "started_at": AT, "external_id": "r"}
    assert api.post(f"{NAMESPACE}/experiments/first/runs", json=run).status_code == 201
    return api


def log(api: Api, *points: Any) -> Any:
    return api.post(f"{RUN}/metrics", json={"points": list(points)})


def test_a_run_is_started_read_logged_to_and_ended(api: Api) -> None:
    run = api.get(RUN)
    logged = log(api, {"key": "val/loss", "value": 0.5, "step": 3, "at": AT})
    ended = api.patch(RUN, json={"status": "finished"}, headers={"If-Match": run.headers["etag"]})

    assert run.json()["started_at"] == AT
    assert logged.json() == {"metrics": {"val/loss": 0.5}}
    assert ended.json()["status"] == "finished"
    assert ended.json()["ended_at"] is not None
    assert ended.json()["metrics"] == {"val/loss": 0.5}
    assert ended.json()["latest"] == {"val/loss": {"step": 3, "at": AT, "count": 1}}
    problem(api.patch(RUN, json={"name": "x"}, headers={"If-Match": '"1"'}), 412, "stale")


def test_what_json_lacks_is_text_and_comes_back_exact(api: Api) -> None:
    values = ["NaN", "Infinity", "-Infinity", 1, -0.0, 1e308]
    for step, value in enumerate(values):
        assert log(api, {"key": "m", "value": value, "step": step, "at": AT}).status_code == 200

    items = api.get(f"{RUN}/metrics", params={"key": "m"}).json()["items"]
    (plot,) = api.get(f"{RUN}/plot", params={"key": "m", "buckets": 1}).json()["plots"]

    assert [each["value"] for each in items] == values
    assert plot["buckets"] == [
        {
            "start": 0, "end": 5, "low": "-Infinity", "high": "Infinity", "last": 1e308,
            "last_step": 5, "last_at": AT,
        }
    ]  # fmt: skip
    log(api, {"key": "m", "value": "NaN", "step": 6, "at": AT})
    assert api.get(RUN).json()["metrics"] == {"m": "NaN"}


@pytest.mark.parametrize(
    ("point", "status"),
    [
        ({"key": "m", "value": "nan"}, 422),
        ({"key": "m", "value": None}, 422),
        ({"key": "m", "value": True}, 422),
        ({"key": "m"}, 422),
        ({"value": 1}, 422),
        ({"key": "", "value": 1}, 422),
        ({"key": "a\u0000", "value": 1}, 422),
        ({"key": "m", "value": 1, "step": 1.5}, 422),
        ({"key": "m", "value": 1, "step": 1 << 63}, 422),
        ({"key": "m", "value": 1, "at": "yesterday"}, 422),
        ({"key": "m", "value": 1, "unknown": 1}, 422),
    ],
)
def test_what_is_no_point_is_refused(api: Api, point: Any, status: int) -> None:
    assert log(api, point).status_code == status
    assert api.get(RUN).json()["metrics"] == {}


def test_a_batch_is_bounded(api: Api) -> None:
    points = [{"key": "m", "value": 1, "step": step, "at": AT} for step in range(1_001)]

    assert log(api, *points).status_code == 422
    assert log(api, *points[:1_000]).status_code == 200


def test_a_run_is_never_taken_from_a_cache(api: Api) -> None:
    answer = api.get(RUN)
    log(api, {"key": "m", "value": 1})

    fresh = api.get(RUN, headers={"If-None-Match": answer.headers["etag"]})

    assert (fresh.status_code, fresh.json()["metrics"]) == (200, {"m": 1.0})


def test_lists_and_searches_find_runs(api: Api) -> None:
    for number in range(2, 5):
        body = {"parent": "1", "tags": {"n": str(number)}}
        api.post(f"{NAMESPACE}/experiments/1/runs", json=body)
        api.post(
            f"{NAMESPACE}/runs/{number}/metrics",
            json={"points": [{"key": "auc", "value": number / 10}]},
        )

    def ids(path: str, **query: Any) -> list[str]:
        answer = api.get(f"/api/v1{path}", params=query)
        assert answer.status_code == 200, answer.text
        return [each["id"] for each in answer.json()["items"]]

    runs = "/namespaces/default/experiments/first/runs"
    assert ids(runs) == ["1", "2", "3", "4"]
    assert ids(runs, parent=1) == ["2", "3", "4"]
    assert ids(runs, external_id="r") == ids(runs, name="try") == ["1"]
    assert ids(runs, order_by="metrics.auc desc", page_size=2) == ["4", "3"]
    assert ids(runs, filter="metrics.auc > 0.2 AND tags.n != '4'") == ["3"]
    assert ids("/search/runs", filter="experiment_id = 1 AND parameters.lr = 0.1") == ["1"]
    assert ids("/search/experiments", q="first") == ["1"]
    assert ids("/namespaces/default/experiments/first/best", metric="auc", count=2) == ["4", "3"]
    assert ids(runs, as_of="2026-01-02T03:04:05.678Z") == ["1", "2", "3", "4"]
    assert ids("/namespaces/default/experiments", external_id="e") == ["1"]
    rows = api.get(f"{NAMESPACE}/compare-runs", params={"run": ["1", "2"]}).json()["rows"]
    assert {"lr", "auc", "n"} == {row["name"] for row in rows}


def test_creating_again_with_the_same_key_starts_no_second_run(api: Api) -> None:
    for _ in range(2):
        answer = api.post(
            f"{NAMESPACE}/experiments/1/runs", json={}, headers={"Idempotency-Key": "k"}
        )
        assert answer.json()["id"] == "2"


def test_parameters_and_links_are_noted(api: Api) -> None:
    assert api.post(f"{RUN}/parameters", json={"parameters": {"lr": 0.1}}).json()["revision"] == 1
    problem(api.post(f"{RUN}/parameters", json={"parameters": {"lr": 1}}), 409, "conflict")
    body = {"inputs": [{"kind": "dataset", "name": "iris"}]}
    assert api.post(f"{RUN}/links", json=body).json()["inputs"] == body["inputs"]
    problem(api.post(f"{RUN}/links", json={"outputs": [{"kind": "x"}]}), 422, "invalid")


@pytest.mark.parametrize("id", ["0", "abc", "9", "9999999999", "1.0"])
def test_what_is_no_run_is_not_found(api: Api, id: str) -> None:
    for path in ("", "/metrics?key=a", "/plot?key=a"):
        problem(api.get(f"{NAMESPACE}/runs/{id}{path}"), 404, "not-found")
    problem(api.get(f"{NAMESPACE}/experiments/nowhere/runs"), 404, "not-found")


@pytest.mark.parametrize("field", ["started_at", "ended_at"])
def test_an_empty_time_is_none(api: Api, field: str) -> None:
    run = f"{NAMESPACE}/experiments/first/runs"
    problem(api.post(run, json={field: ""}), 422, "invalid")
    problem(api.patch(RUN, json={field: ""}, headers={"If-Match": "*"}), 422, "invalid")
