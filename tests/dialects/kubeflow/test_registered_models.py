"""Registered models, as Kubeflow's clients handle them."""

from typing import Any

import pytest

from core.domain.access import Role
from tests.api.client import MODEL, Api, bearer
from tests.builders import ADMIN
from tests.dialects.kubeflow.conftest import V1, Kubeflow, integer, text

PROPERTIES = {
    "count": integer(-7),
    "ratio": {"double_value": 2.0, "metadataType": "MetadataDoubleValue"},
    "label": text(""),
    "good": {"bool_value": False, "metadataType": "MetadataBoolValue"},
    "nested": {"struct_value": "eyJhIjogWzFdfQ==", "metadataType": "MetadataStructValue"},
}
EVERYTHING: dict[str, Any] = {
    "name": "churn",
    "description": "Who leaves",
    "externalId": "crm-1",
    "customProperties": PROPERTIES,
    "owner": "team",
    "state": "LIVE",
    "readme": "# Churn",
    "maturity": "beta",
    "language": ["en", "de"],
    "tasks": ["classification"],
    "provider": "us",
    "logo": "data:image/png;base64,AAAA",
    "license": "apache-2.0",
    "licenseLink": "https://license.example.org",
    "libraryName": "sklearn",
}


def test_a_model_comes_back_as_it_was_sent(kubeflow: Kubeflow) -> None:
    made = kubeflow.post("/registered_models", **EVERYTHING)

    assert EVERYTHING.items() <= made.items()
    assert made["createTimeSinceEpoch"] == made["lastUpdateTimeSinceEpoch"]
    assert made["createTimeSinceEpoch"].isdigit()
    assert kubeflow.get(f"/registered_models/{made['id']}") == made
    assert kubeflow.get("/registered_model", name="churn") == made
    assert kubeflow.get("/registered_model", externalId="crm-1") == made
    assert kubeflow.get("/registered_model", name="churn", externalId="other") == made


def test_what_is_not_set_is_absent(kubeflow: Kubeflow) -> None:
    made = kubeflow.post("/registered_models", name="bare")

    times = {"createTimeSinceEpoch", "lastUpdateTimeSinceEpoch"}
    assert set(made) == {"id", "name", "customProperties", "state", *times}
    assert (made["customProperties"], made["state"]) == ({}, "LIVE")


@pytest.mark.parametrize(
    "name", ["a/b", "a:b", 'it\'s "quoted"', "100%", "%2F", "a_b", " padded ", "..", "ünï @ \\"]
)
def test_names_are_free_text(kubeflow: Kubeflow, name: str) -> None:
    made = kubeflow.post("/registered_models", name=name)

    assert made["name"] == name
    assert kubeflow.get("/registered_model", name=name)["id"] == made["id"]


def test_wildcards_in_names_are_ordinary_characters(kubeflow: Kubeflow) -> None:
    kubeflow.post("/registered_models", name="churn")

    for name in ("chur_", "%", "c%n"):
        kubeflow.get("/registered_model", 404, name=name)


def test_a_patch_changes_what_it_holds_and_nothing_else(api: Api, kubeflow: Kubeflow) -> None:
    made = kubeflow.post("/registered_models", **EVERYTHING)
    path = f"/registered_models/{made['id']}"
    api.world.clock.advance(seconds=1)

    archived = kubeflow.patch(path, state="ARCHIVED")
    described = kubeflow.patch(path, description="", owner="others")
    replaced = kubeflow.patch(path, customProperties={"count": integer(8)})
    cleared = kubeflow.patch(path, customProperties={}, language=[])

    assert archived["state"] == described["state"] == cleared["state"] == "ARCHIVED"
    assert archived["customProperties"] == described["customProperties"] == PROPERTIES
    assert "description" not in described
    assert described["owner"] == "others"
    assert replaced["customProperties"] == {"count": integer(8)}
    assert cleared["customProperties"] == {}
    assert "language" not in cleared
    assert cleared["readme"] == "# Churn"
    assert int(archived["lastUpdateTimeSinceEpoch"]) > int(made["lastUpdateTimeSinceEpoch"])
    assert archived["createTimeSinceEpoch"] == made["createTimeSinceEpoch"]


def test_archived_models_stay_where_they_are_found(kubeflow: Kubeflow) -> None:
    made = kubeflow.post("/registered_models", name="old", state="ARCHIVED")

    assert made["state"] == "ARCHIVED"
    assert kubeflow.get("/registered_model", name="old") == made
    assert kubeflow.names("/registered_models") == ["old"]
    assert kubeflow.names("/registered_models", filterQuery="state = 'LIVE'") == []
    assert kubeflow.names("/registered_models", filterQuery="state != 'LIVE'") == ["old"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"name": ""}, 422),
        ({"name": None}, 400),
        ({"name": 1}, 400),
        ({"name": "a\0b"}, 400),
        ({"name": "x" * 256}, 400),
        ({"name": "a", "unknown": 1}, 400),
        ({"name": "a", "state": "DELETED"}, 400),
        ({"name": "a", "customProperties": {"x": {"string_value": "a"}}}, 400),
        ({"name": "a", "customProperties": {"x": {"metadataType": "Other"}}}, 400),
        ({"name": "a", "customProperties": {"x": {"metadataType": {}}}}, 400),
        ({"name": "a", "customProperties": {"x": "a"}}, 400),
        ({"name": "a", "customProperties": {"x": {**integer(1), "int_value": 1}}}, 400),
        ({"name": "a", "customProperties": {"x": {**integer(1), "int_value": "1.5"}}}, 400),
        ({"name": "a", "customProperties": {"x": integer(1 << 63)}}, 400),
        ({"name": "a", "customProperties": {"x": {
            "struct_value": "?", "metadataType": "MetadataStructValue"}}}, 400),
        ({"name": "a", "customProperties": {"x": {
            "proto_value": "", "type": "t", "metadataType": "MetadataProtoValue"}}}, 400),
    ],
)  # fmt: skip
def test_what_is_no_model_is_refused(kubeflow: Kubeflow, body: Any, status: int) -> None:
    kubeflow("POST", "/registered_models", status, json=body)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"a"', b'{"name": "a\\ud800"}'])
def test_what_is_no_json_object_is_refused(kubeflow: Kubeflow, content: bytes) -> None:
    kubeflow(
        "POST", "/registered_models", 400, content=content,
        headers={"Content-Type": "application/json"},
    )  # fmt: skip


def test_names_and_external_ids_are_used_once(kubeflow: Kubeflow) -> None:
    kubeflow.post("/registered_models", name="a", externalId="x")
    other = kubeflow.post("/registered_models", name="b")

    kubeflow.post("/registered_models", 409, name="a")
    kubeflow.post("/registered_models", 409, name="c", externalId="x")
    kubeflow.patch(f"/registered_models/{other['id']}", 409, externalId="x")


def test_ids_that_are_none_are_400_and_unknown_ones_404(kubeflow: Kubeflow) -> None:
    for wrong in ("abc", "1.5", "-1", "9" * 30):
        kubeflow.get(f"/registered_models/{wrong}", 400)
        kubeflow.patch(f"/registered_models/{wrong}", 400, description="x")
    kubeflow.get("/registered_models/7", 404)
    kubeflow.patch("/registered_models/7", 404, description="x")
    kubeflow.get("/registered_model", 400)
    kubeflow.get("/registered_model", 404, name="none")


def test_a_name_cannot_be_changed(kubeflow: Kubeflow) -> None:
    made = kubeflow.post("/registered_models", name="a")

    kubeflow.patch(f"/registered_models/{made['id']}", 400, name="b")


def test_pages_follow_each_other_in_either_order(kubeflow: Kubeflow) -> None:
    for name in "abcde":
        kubeflow.post("/registered_models", name=name)

    for direction, expected in (("ASC", list("abcde")), ("DESC", list("edcba"))):
        found, token = [], ""
        while True:
            page = kubeflow.get(
                "/registered_models", pageSize="2", sortOrder=direction, nextPageToken=token
            )
            assert page["size"] == len(page["items"])
            assert page["pageSize"] == 2
            found += [each["name"] for each in page["items"]]
            token = page["nextPageToken"]
            if not token:
                break
        assert found == expected
    by_time = kubeflow.names("/registered_models", orderBy="CREATE_TIME", sortOrder="DESC")
    assert sorted(by_time) == list("abcde")


@pytest.mark.parametrize(
    "params",
    [
        {"pageSize": "-1"},
        {"pageSize": "x"},
        {"pageSize": "9" * 12},
        {"orderBy": "NAME"},
        {"sortOrder": "UP"},
        {"nextPageToken": "nonsense"},
        {"filterQuery": "name = 'a"},
        {"filterQuery": "(name = 'a'"},
        {"filterQuery": "name = unquoted"},
        {"filterQuery": "x.float_value = 1"},
        {"filterQuery": "x.int_value = 'a'"},
        {"filterQuery": "id = 'abc'"},
    ],
)
def test_lists_that_make_no_sense_are_refused(kubeflow: Kubeflow, params: Any) -> None:
    kubeflow("GET", "/registered_models", 400, params=params)


def test_a_token_is_good_for_its_own_query_alone(kubeflow: Kubeflow) -> None:
    for name in "ab":
        kubeflow.post("/registered_models", name=name)
    token = kubeflow.get("/registered_models", pageSize="1")["nextPageToken"]

    kubeflow.get("/registered_models", 400, pageSize="1", nextPageToken=token, sortOrder="DESC")
    kubeflow.get("/registered_models", 400, pageSize="1", nextPageToken=token[:-2] + "xx")


def test_the_native_api_sees_the_same_model(api: Api, kubeflow: Kubeflow) -> None:
    kubeflow.post("/registered_models", **EVERYTHING)
    native = api.get("/api/v1/namespaces/default/models/churn").json()

    assert native["description"] == "Who leaves"
    assert native["card"]["languages"] == ["en", "de"]
    assert native["custom_properties"] == {
        "count": -7, "ratio": 2.0, "label": "", "good": False, "nested": {"a": [1]},
    }  # fmt: skip


def test_what_kubeflow_cannot_say_survives_a_patch(api: Api, kubeflow: Kubeflow) -> None:
    body = {
        "name": "iris",
        "tags": {"team": "garden"},
        "custom_properties": {"list": [1, 2], "deep": {"a": {"b": 1.5}}},
    }
    api.post("/api/v1/namespaces/default/models", json=body)
    shown = kubeflow.get("/registered_model", name="iris")

    kubeflow.patch(
        f"/registered_models/{shown['id']}",
        customProperties={**shown["customProperties"], "new": text("x")},
    )

    native = api.get(MODEL).json()
    assert native["tags"] == {"team": "garden"}
    assert native["custom_properties"] == {**body["custom_properties"], "new": "x"}


def test_a_namespace_is_named_in_the_path(api: Api) -> None:
    team = Kubeflow(api, f"/ns/default{V1}")
    made = team.post("/registered_models", name="a")

    assert Kubeflow(api, V1).get("/registered_model", name="a") == made
    Kubeflow(api, f"/ns/other{V1}").get("/registered_model", 404, name="a")


def test_other_paths_and_verbs_are_answered_as_the_genuine_server_does(api: Api) -> None:
    assert api.get(f"{V1}/nothing").status_code == 404
    refused = api.delete(f"{V1}/registered_models/1")
    assert (refused.status_code, refused.content) == (405, b"")


def test_without_a_word_it_is_the_only_namespace_of_the_caller(api: Api) -> None:
    api.world.registry.namespaces.create(ADMIN, "fraud", {})
    token = api.world.token(("fraud", Role.OWNER), subject="bob")
    both = api.world.token(("fraud", Role.OWNER), ("default", Role.OWNER), subject="eve")
    named = Kubeflow(api, f"/ns/fraud{V1}")

    api.headers.update(bearer(token))
    made = Kubeflow(api, V1).post("/registered_models", name="a")
    assert named.get("/registered_model", name="a") == made
    api.headers.update(bearer(both))
    Kubeflow(api, V1).get("/registered_model", 404, name="a")
    assert named.get("/registered_model", name="a") == made
