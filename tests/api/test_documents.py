"""Documents of versions over HTTP: they come back exactly, and what is wrong is named."""

import json
import math
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.documents import is_same
from core.ports import SignedRequest
from tests.api.client import MODEL, Api, declared, problem
from tests.unit.test_builds import EVERYTHING

SCHEMAS = "/api/v1/namespaces/default/schemas"
LAST = 2**63 - 1
CASES: dict[str, Any] = {
    "dots": {"a.b": {"c.d.": 1}, ".": 2, "..": 3},
    "dollars": {"$set": {"$where": "1"}, "$": 1, "a$b": 2, "$ref": "x", "$id": 1},
    "percents": {"%": 1, "%2E": 2, "%24a": 3, "100%25": 4},
    "emoji": {"🦉": "👩‍🔬", "é": "e\u0301", "\u200f": "\ufeff"},
    "prototypes": {"__proto__": {"constructor": 1}, "_id": 1, "toString": None},
    "empty": {"map": {}, "list": [], "text": "", "null": None, "deep": {"a": [{}, [], [{}]]}},
    "integers": {"max": LAST, "min": -LAST - 1, "32": 2**31, "zero": 0, "53": 2**53 + 1},
    "floats": {"minus": -0.0, "zero": 0.0, "one": 1.0, "tiny": 5e-324, "big": 1.7e308, "pi": 0.1},
    "controls": {"tab\tkey": "line\nfeed\r\x01\x7f", " ": " "},
}


def nested(levels: int) -> dict[str, Any]:
    deep: Any = [-0.0]
    for _ in range(levels):
        deep = {"d.": deep}
    return {"deep": deep}


CASES["deep"] = nested(57)

KEYS = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=12
)
KEYS |= st.sampled_from(["$set", "a.b", "%2E", "%", ".", "$", "🦉", "__proto__"])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), LAST)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@pytest.fixture
def api() -> Api:
    made = Api()
    made.post("/api/v1/namespaces/default/models", json={"name": "iris"})
    return made


def sent(api: Api, body: Any) -> Any:
    """Register a version, the body written by orjson, which keeps -0.0 and 64 bits."""
    return api.post(
        f"{MODEL}/versions",
        content=orjson.dumps(body),
        headers={"Content-Type": "application/json"},
    )


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_document_comes_back_exactly(api: Api, case: Any) -> None:
    fields = ("parameters", "metadata", "custom_properties", "explainability", "signature")
    body = dict.fromkeys(fields, case)
    created = sent(api, {**body, "datasets": [{"preprocessing": case}]})
    read = api.get(f"{MODEL}/versions/1").json()

    assert created.status_code == 201, created.text
    for name in fields:
        assert is_same(read[name], case), name
    assert is_same(read["datasets"][0]["preprocessing"], case)


_SHARED = Api()
_SHARED.post("/api/v1/namespaces/default/models", json={"name": "iris"})


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_any_document_comes_back_exactly_from_registration_and_from_a_patch(
    document: dict[str, Any],
) -> None:
    created = sent(_SHARED, {"parameters": document, "metadata": document})
    assert created.status_code in {200, 201}, created.text
    place = created.headers["location"]
    cleared = _SHARED.patch(place, json={"metadata": None}, headers={"If-Match": "*"})
    patched = _SHARED.patch(
        place,
        content=orjson.dumps({"metadata": document}),
        headers={"If-Match": "*", "Content-Type": "application/merge-patch+json"},
    )

    assert is_same(created.json()["parameters"], document)
    assert cleared.json()["metadata"] == {}
    assert is_same(patched.json()["metadata"], without_nulls(document))
    assert is_same(_SHARED.get(place).json()["metadata"], without_nulls(document))


def without_nulls(value: Any) -> Any:
    """What a merge patch makes of nothing: maps lose their nulls, lists are kept whole."""
    if not isinstance(value, dict):
        return value
    return {key: without_nulls(item) for key, item in value.items() if item is not None}


def test_the_sign_of_zero_and_the_last_bit_are_kept(api: Api) -> None:
    sent(api, {"metrics": {"loss": -0.0, "n": LAST}})

    metrics = api.get(f"{MODEL}/versions/1").json()["metrics"]

    assert math.copysign(1, metrics["loss"]) == -1
    assert metrics["n"] == LAST


def test_everything_that_can_be_said_is_answered_in_its_place(api: Api) -> None:
    body = json.loads(json.dumps(EVERYTHING))

    created = api.post(f"{MODEL}/versions", json=body)

    assert created.status_code == 201, created.text
    assert {name: created.json()[name] for name in body} == body


def test_what_is_wrong_is_named_by_its_place(api: Api) -> None:
    body = {"datasets": [{"features": [{}, {"importance": "high"}]}], "tuning": {"trials": -1}}

    answer = problem(api.post(f"{MODEL}/versions", json=body), 422, "invalid")

    assert [each["place"] for each in answer["problems"]] == [
        "datasets.0.features.1.importance",
        "tuning.trials",
    ]


def test_too_much_in_all_is_too_large(api: Api) -> None:
    half = {"text": "x" * (600 << 10)}

    problem(
        api.post(f"{MODEL}/versions", json={"parameters": half, "metadata": half}),
        413,
        "too-large",
    )


@pytest.mark.parametrize("field", ["_id", "stage", "created_by", "scan", "key_prefix", "number"])
def test_no_other_field_is_taken(api: Api, field: str) -> None:
    problem(api.post(f"{MODEL}/versions", json={field: "x"}), 422, "invalid")
    kept = api.post(f"{MODEL}/versions", json={"custom_properties": {field: "x"}})

    assert kept.json()["custom_properties"] == {field: "x"}
    assert kept.json().get(field) != "x"


def test_the_type_of_a_model_is_set_and_changed(api: Api) -> None:
    created = api.post(
        "/api/v1/namespaces/default/models", json={"name": "b", "model_type": "classifier"}
    )
    changed = api.patch(
        created.headers["location"], json={"model_type": "ranker"}, headers={"If-Match": "*"}
    )

    assert created.json()["model_type"] == "classifier"
    assert changed.json()["model_type"] == "ranker"


def test_a_schema_is_set_read_listed_and_taken_away(api: Api) -> None:
    document = {"required": ["license"], "$defs": {"a.b": {"minimum": 1}}, "x-$": {"%": 1}}
    put = api.put(f"{SCHEMAS}/*", json={"document": document}, params={"reason": "law"})
    read = api.get(f"{SCHEMAS}/*")
    listed = api.get(SCHEMAS)
    refused = api.post(f"{MODEL}/versions", json={})
    removed = api.delete(f"{SCHEMAS}/*")

    assert (put.status_code, put.headers["etag"]) == (200, '"1"')
    assert read.json()["document"] == document
    assert listed.json() == {"items": [read.json()], "next_page_token": None}
    body = problem(refused, 422, "invalid")
    assert body["problems"] == [{"place": "version", "message": "'license' is a required property"}]
    assert removed.status_code == 204
    assert api.post(f"{MODEL}/versions", json={}).status_code == 201
    problem(api.get(f"{SCHEMAS}/*"), 404, "not-found")


@pytest.mark.parametrize("document", [{"$ref": "https://127.0.0.1:1/x"}, {"pattern": "(a+)+"}])
def test_a_schema_that_is_not_safe_is_refused(api: Api, document: Any) -> None:
    answer = problem(api.put(f"{SCHEMAS}/a", json={"document": document}), 422, "invalid")

    assert answer["problems"]


def test_artifacts_are_listed_redirected_and_recorded(api: Api) -> None:
    files = {"model/a.bin": b"a", "model/b.bin": b"b"}
    artifacts = [
        {"name": "weights", "kind": "model", "path": "model"},
        {"name": "a", "kind": "model", "path": "model/a.bin"},
        {"name": "lake", "kind": "dataset", "uri": "s3://lake/iris", "metadata": {"$a.b": 1}},
    ]
    body = {"files": [declared(*each) for each in files.items()], "artifacts": artifacts}
    created = api.post(f"{MODEL}/versions", json=body)
    early = api.get(f"{MODEL}/versions/1/artifacts/a")
    api.world.send(api.world.database.versions.get("default", "iris", 1), files)
    api.post(f"{MODEL}/versions/1/upload/complete")

    listed = api.get(f"{MODEL}/versions/latest/artifacts").json()
    single = api.get(f"{MODEL}/versions/latest/artifacts/a")

    assert created.status_code == 201, created.text
    problem(early, 409, "conflict")
    for listed_artifact, said in zip(listed["items"], artifacts, strict=True):
        assert said.items() <= listed_artifact.items()
        assert listed_artifact["is_declared"]
    assert single.status_code == 307
    signed = SignedRequest("GET", single.headers["location"], {}, api.world.clock.now())
    assert api.world.blobs.fetch(signed) == b"a"
    for record in (artifacts[0], artifacts[2]):
        answer = api.get(f"{MODEL}/versions/1/artifacts/{record['name']}")
        assert answer.status_code == 200
        assert record.items() <= answer.json().items()
    problem(api.get(f"{MODEL}/versions/1/artifacts/none"), 404, "not-found")


def test_a_version_of_references_is_ready_at_once(api: Api) -> None:
    artifact = {"name": "m", "kind": "model", "uri": "hdfs://namenode/models/churn"}

    created = api.post(f"{MODEL}/versions", json={"artifacts": [artifact]})
    refused = api.post(
        f"{MODEL}/versions", json={"artifacts": [{**artifact, "uri": "file:///etc/passwd"}]}
    )

    assert (created.status_code, created.json()["state"]) == (201, "ready")
    answer = problem(refused, 422, "invalid")
    assert answer["problems"][0]["place"] == "artifacts.0.uri"


def test_a_version_is_called_by_a_name_that_is_its_alone(api: Api) -> None:
    first = api.post(f"{MODEL}/versions", json={"name": "spring release", "notes": "a"})
    again = problem(
        api.post(f"{MODEL}/versions", json={"name": "spring release", "notes": "b"}),
        409,
        "conflict",
    )
    found = api.get("/api/v1/search/versions", params={"filter": "version_name = 'spring release'"})

    assert first.json()["name"] == "spring release"
    assert "version 2" in again["detail"] or "version 1" in again["detail"]
    assert [each["number"] for each in found.json()["items"]] == [first.json()["number"]]


def test_the_card_of_a_model_is_set_and_patched(api: Api) -> None:
    card = {"readme": "# Lily", "tasks": ["classification"], "license": "Apache-2.0"}
    created = api.post("/api/v1/namespaces/default/models", json={"name": "lily", "card": card})
    changed = api.patch(
        created.headers["location"],
        json={"card": {"license": None, "maturity": "beta"}},
        headers={"If-Match": "*"},
    )

    assert created.json()["card"] == card
    assert changed.json()["card"] == {
        "readme": "# Lily",
        "tasks": ["classification"],
        "maturity": "beta",
    }


def test_an_external_id_that_is_in_use_is_refused(api: Api) -> None:
    models = "/api/v1/namespaces/default/models"
    api.post(models, json={"name": "b", "external_id": "x-1"})
    problem(api.post(models, json={"name": "c", "external_id": "x-1"}), 409, "conflict")
    other = api.post(models, json={"name": "c"})
    taken = api.patch(
        other.headers["location"], json={"external_id": "x-1"}, headers={"If-Match": "*"}
    )

    assert "external id" in problem(taken, 409, "conflict")["detail"]
