"""Evaluations over HTTP: what is answered, and what is refused without a trace."""

from typing import Any

import pytest

from core.domain.access import Role
from tests.api.client import MODEL, Api, bearer, declared, problem
from tests.builders import evaluation_report

VERSION = f"{MODEL}/versions/1"
EVALUATIONS = f"{VERSION}/evaluations"


@pytest.fixture
def api() -> Api:
    made = Api()
    made.world.pushed({"a": b"a"})
    return made


def test_an_evaluation_is_registered_and_read(api: Api) -> None:
    report = evaluation_report(notes="x", task="regression", mine={"a.b": 1, "$c": None})

    made = api.post(EVALUATIONS, json=report, params={"reason": "before the release"})

    body = made.json()
    assert made.status_code == 201
    assert made.headers["location"] == f"{EVALUATIONS}/{body['id']}"
    assert body["report"] == report
    assert (body["task"], body["metrics"]) == ("regression", {"accuracy": 0.9})
    assert body["dataset"]["name"] == "holdout"
    assert body["evaluator"] == {"name": "mine", "version": "1"}
    assert body["evaluated_at"] == "2026-01-01T00:00:00.000Z"
    assert body["created_at"] == "2026-01-02T03:04:05.678Z"
    assert api.get(made.headers["location"]).json() == body
    (listed,) = api.get(EVALUATIONS).json()["items"]
    assert listed == {name: value for name, value in body.items() if name != "report"}
    events = api.get(
        "/api/v1/namespaces/default/events",
        params={"kind": "evaluation", "subject": f"default/iris/1/{body['id']}"},
    ).json()["items"]
    assert [(each["action"], each["reason"]) for each in events] == [
        ("evaluation.registered", "before the release")
    ]


def test_the_same_report_again_is_answered_with_what_is_there(api: Api) -> None:
    first = api.post(EVALUATIONS, json=evaluation_report())
    again = api.post(EVALUATIONS, json=dict(reversed(evaluation_report().items())))
    keyed = [
        api.post(EVALUATIONS, json=evaluation_report(notes="2"), headers={"Idempotency-Key": "one"})
        for _ in range(2)
    ]

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert [each.status_code for each in keyed] == [201, 201]
    assert keyed[1].headers["idempotency-replayed"] == "true"
    assert keyed[1].json() == keyed[0].json()
    assert len(api.get(EVALUATIONS).json()["items"]) == 2


def test_the_evaluations_of_a_model_are_narrowed_and_paged(api: Api) -> None:
    api.world.pushed({"a": b"b"})
    for number, name in ((1, "holdout"), (2, "holdout"), (2, "recent")):
        api.world.clock.advance(seconds=1)
        path = f"{MODEL}/versions/{number}/evaluations"
        assert api.post(path, json=evaluation_report(dataset={"name": name})).status_code == 201

    def numbers(**query: Any) -> list[int]:
        answer = api.get(f"{MODEL}/evaluations", params=query)
        assert answer.status_code == 200
        return [each["number"] for each in answer.json()["items"]]

    first = api.get(f"{MODEL}/evaluations", params={"page_size": 2}).json()

    assert numbers() == [2, 2, 1]
    assert numbers(dataset="holdout") == [2, 1]
    assert numbers(as_of="2026-01-02T03:04:06.678Z") == [1]
    assert numbers(page_size=2, page_token=first["next_page_token"]) == [1]


def test_a_report_that_does_not_fit_is_refused_with_its_places(api: Api) -> None:
    report = evaluation_report(metrics={"a": "x"}, dataset={}, duration_seconds=-1)

    refused = problem(api.post(EVALUATIONS, json=report), 422, "invalid")

    assert {each["place"] for each in refused["problems"]} == {
        "report.dataset.name",
        "report.metrics.a",
        "report.duration_seconds",
    }
    assert api.get(EVALUATIONS).json()["items"] == []


@pytest.mark.parametrize(
    "body", [[], "x", None, 1, {}, {"schema_version": "1"}, {"schema_version": [1]}]
)
def test_what_is_no_report_is_refused(api: Api, body: Any) -> None:
    problem(api.post(EVALUATIONS, json=body), 422, "invalid")


def test_a_report_over_a_mebibyte_is_refused(api: Api) -> None:
    report = evaluation_report(mine="x" * (1 << 20))

    problem(api.post(EVALUATIONS, json=report), 413, "too-large")


def test_a_report_of_other_files_or_of_no_version_is_refused(api: Api) -> None:
    other = evaluation_report(model={"digest": "sha256:" + "0" * 64})

    problem(api.post(EVALUATIONS, json=other), 409, "conflict")
    problem(api.post(f"{MODEL}/versions/9/evaluations", json=evaluation_report()), 404, "not-found")
    problem(api.get(f"{EVALUATIONS}/0"), 404, "not-found")
    problem(api.get(f"{EVALUATIONS}/%00"), 404, "not-found")


def test_a_version_takes_its_evaluations_along(api: Api) -> None:
    body = {"files": [declared("a", b"2")], "evaluations": [evaluation_report()]}

    made = [api.post(f"{MODEL}/versions", json=body) for _ in range(2)]
    refused = api.post(
        f"{MODEL}/versions",
        json={**body, "files": [], "evaluations": [evaluation_report(task="magic")]},
    )

    assert [each.status_code for each in made] == [201, 200]
    listed = api.get(f"{MODEL}/versions/2/evaluations").json()["items"]
    assert [each["metrics"] for each in listed] == [{"accuracy": 0.9}]
    problem(refused, 422, "invalid")
    assert api.get(f"{MODEL}/versions/3").status_code == 404


def test_who_may_only_read_registers_nothing(api: Api) -> None:
    token = bearer(api.world.token(("default", Role.READER)))

    problem(api.post(EVALUATIONS, json=evaluation_report(), headers=token), 403, "forbidden")
    assert api.get(EVALUATIONS, headers=token).json()["items"] == []


def test_a_comparison_answers_with_sections_for_data_sets(api: Api) -> None:
    api.world.pushed({"a": b"b"})
    for number, accuracy in ((1, 0.8), (2, 0.9)):
        report = evaluation_report(metrics={"accuracy": accuracy})
        api.post(f"{MODEL}/versions/{number}/evaluations", json=report)

    found = api.get(
        "/api/v1/namespaces/default/compare", params={"version": ["iris:1", "iris:2"]}
    ).json()

    (row,) = [each for each in found["rows"] if each["section"].startswith("evaluation")]
    assert (row["section"], row["name"], row["best"]) == ("evaluation on holdout", "accuracy", [1])


def test_a_gate_is_closed_by_what_an_evaluation_found(api: Api) -> None:
    lifecycle = "/api/v1/namespaces/default/lifecycle"
    gates = [
        {"rule": "evaluation", "dataset": "holdout"},
        {"rule": "metric", "dataset": "holdout", "require": "fairness.sex.parity <= 0.1"},
    ]
    body = {
        "stages": [{"name": "Draft"}, {"name": "Live"}],
        "transitions": [{"from": "Draft", "to": "Live", "gates": gates}],
    }
    assert api.put(lifecycle, json=body, headers={"If-Match": "*"}).status_code == 200

    def promoted(**metrics: float) -> list[bool]:
        if metrics:
            api.world.clock.advance(seconds=1)
            report = evaluation_report(metrics={name.replace("_", "."): value
                                                for name, value in metrics.items()})  # fmt: skip
            assert api.post(EVALUATIONS, json=report).status_code == 201
        answer = api.post(f"{VERSION}/promote", json={"to": "Live", "dry_run": True})
        return [each["passed"] for each in answer.json()["verdicts"]]

    assert promoted() == [False, False]
    assert promoted(accuracy=1) == [True, False]
    assert promoted(fairness_sex_parity=0.05) == [True, True]
    assert promoted(fairness_sex_parity=0.2) == [True, False]
