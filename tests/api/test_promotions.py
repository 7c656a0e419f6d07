"""What HTTP clients are told of stages: promotion, rollback, lifecycles."""

from typing import Any

import pytest

from tests.api.client import MODEL, Api, problem

LIFECYCLE = "/api/v1/namespaces/default/lifecycle"
STAGES = [{"name": "Draft"}, {"name": "Live", "holds": "one", "alias": "live"}]
NO_SCHEMA = {"rule": "metadata", "schema": {"type": 1}}
GATE = {"rule": "metric", "require": "auc >= 0.8"}


@pytest.fixture
def api() -> Api:
    """Three versions of `iris`, the last one without the metric."""
    made = Api()
    for number, metrics in enumerate(({"auc": 0.9}, {"auc": 0.85}, {}), 1):
        made.world.pushed({"a": str(number).encode()}, metrics=metrics)
    return made


def promote(api: Api, number: int, to: str, **more: Any) -> Any:
    return api.post(f"{MODEL}/versions/{number}/promote", json={"to": to, **more})


def gated(api: Api) -> None:
    way = {"from": "Draft", "to": "Live", "gates": [GATE]}
    assert api.put(LIFECYCLE, json={"stages": STAGES, "transitions": [way]}).status_code == 200


def test_a_promotion_says_each_verdict_and_the_version_as_it_is_now(api: Api) -> None:
    gated(api)

    asked = promote(api, 1, "live", dry_run=True).json()
    done = promote(api, 1, "live").json()
    again = promote(api, 1, "Live").json()

    verdict = {
        "rule": "metric",
        "requirement": "auc >= 0.8",
        "passed": True,
        "why": "0.9 is >= 0.8",
    }
    assert (asked["open"], asked["moved"], asked["verdicts"]) == (True, False, [verdict])
    assert (done["from"], done["to"], done["moved"]) == ("Draft", "Live", True)
    assert (done["version"]["stage"], done["version"]["aliases"]) == ("Live", ["live"])
    assert not again["moved"]
    assert api.get(f"{MODEL}/versions/stage:Live").json()["number"] == 1
    assert api.get(MODEL).json()["stages"] == {"Live": 1}


def test_a_closed_gate_is_a_conflict_that_names_it(api: Api) -> None:
    gated(api)

    refused = problem(promote(api, 3, "Live"), 409, "conflict")
    asked = promote(api, 3, "Live", dry_run=True)

    assert refused["problems"] == [
        {
            "place": "gates.0",
            "message": "metric, auc >= 0.8: nobody recorded auc of version 3",
        }
    ]
    assert (asked.status_code, asked.json()["open"]) == (200, False)


def test_a_rollback_can_be_sent_twice(api: Api) -> None:
    gated(api)
    for number in (1, 2):
        api.world.clock.advance(seconds=1)
        promote(api, number, "Live")
    body = {"stage": "Live", "from_version": 2}

    first = api.post(f"{MODEL}/rollback", json=body, params={"reason": "drifts"})
    second = api.post(f"{MODEL}/rollback", json=body)
    other = api.post(f"{MODEL}/rollback", json={**body, "from_version": 3})
    both = api.post(f"{MODEL}/rollback", json={**body, "alias": "live"})
    history = api.get(f"{MODEL}/stages/Live/history").json()["items"]

    assert (first.json()["version"]["number"], first.json()["displaced"]) == (1, 2)
    assert (second.json()["version"]["number"], second.json()["moved"]) == (1, False)
    problem(other, 412, "stale")
    problem(both, 422, "invalid")
    assert (history[0]["action"], history[0]["reason"]) == ("stage.rolled-back", "drifts")


def test_the_stages_of_a_model_are_listed_with_what_they_hold(api: Api) -> None:
    promote(api, 1, "Staging")
    promote(api, 1, "Production")

    listed = api.get(f"{MODEL}/stages").json()["items"]

    assert [(each["name"], each["version"]) for each in listed] == [
        ("Development", None), ("Staging", None), ("Production", 1), ("Archived", None),
    ]  # fmt: skip


def test_a_lifecycle_is_set_only_if_it_is_the_one_that_was_read(api: Api) -> None:
    default = api.get(LIFECYCLE)
    body = {name: default.json()[name] for name in ("stages", "transitions")}
    body["stages"][0]["description"] = "Where it all begins."

    done = api.put(LIFECYCLE, json=body, headers={"If-Match": default.headers["etag"]})
    late = api.put(LIFECYCLE, json=body, headers={"If-Match": default.headers["etag"]})
    history = api.get(f"{LIFECYCLE}/history").json()["items"]

    assert default.headers["etag"] == '"0"'
    assert done.json()["revision"] == 1
    problem(late, 412, "stale")
    assert [each["action"] for each in history] == ["lifecycle.changed"]


@pytest.mark.parametrize(
    ("ways", "place"),
    [
        ([{"from": "Draft", "to": "Live"}, {"from": "Live", "to": "Draft"}], "transitions"),
        ([], "stages.1"),
        ([{"from": "Draft", "to": "Live", "gates": [{"rule": "?"}]}], "transitions.0.gates.0"),
        (
            [
                {
                    "from": "Draft",
                    "to": "Live",
                    "gates": [{"rule": "metadata", "schema": {"type": 1}}],
                }
            ],
            "transitions.0.gates.0.schema.type",
        ),
    ],
)
def test_a_lifecycle_that_makes_no_sense_names_the_place(
    api: Api, ways: list[Any], place: str
) -> None:
    refused = problem(
        api.put(LIFECYCLE, json={"stages": STAGES, "transitions": ways}), 422, "invalid"
    )

    assert refused["problems"][0]["place"] == place
