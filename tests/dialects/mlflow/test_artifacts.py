"""Stored files over MLflow's routes: listed, fetched, sent in every way its clients know."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.adapters.memory.blobs import MemoryBlobStore
from core.ports import SignedRequest
from tests.api.client import Api
from tests.dialects.mlflow.conftest import Mlflow
from tests.dialects.mlflow.keeping import fetched, log, names, proxy_of, with_a_run

FILES = "artifacts/1/1/artifacts/"


@pytest.fixture
def api() -> Api:
    return with_a_run()


@pytest.fixture
def blobs(api: Api) -> MemoryBlobStore:
    return api.world.blobs


@pytest.fixture
def proxy(api: Api) -> Mlflow:
    return proxy_of(api)


def test_a_folder_is_listed_by_names(proxy: Mlflow, blobs: MemoryBlobStore) -> None:
    log(blobs, "model/MLmodel", "model/data/x", "ö 1%.txt")

    assert proxy.get("artifacts", path="1/1/artifacts")["files"] == [
        {"path": "model", "is_dir": True},
        {"path": "ö 1%.txt", "is_dir": False, "file_size": 9},
    ]
    assert [
        each["path"] for each in proxy.get("artifacts", path="1/1/artifacts/model/")["files"]
    ] == [
        "MLmodel",
        "data",
    ]


@pytest.mark.parametrize(
    "path", ["1/1/artifacts/none", "1/1/artifacts/x", "", "1", "1/1", "models"]
)
def test_where_no_folder_is_there_is_nothing(
    proxy: Mlflow, blobs: MemoryBlobStore, path: str
) -> None:
    log(blobs, "x")

    assert proxy.get("artifacts", path=path) == {}


def test_a_run_lists_its_own_files_by_their_whole_paths(
    mlflow: Mlflow, blobs: MemoryBlobStore
) -> None:
    log(blobs, "model/MLmodel", "model/data/x")

    found = mlflow.get("artifacts/list", run_id="1", path="model")

    assert found == {
        "root_uri": "mlflow-artifacts:/1/1/artifacts",
        "files": [
            {"path": "model/MLmodel", "is_dir": False, "file_size": 13},
            {"path": "model/data", "is_dir": True},
        ],
    }
    assert mlflow.get("artifacts/list", run_uuid="1")["files"] == [
        {"path": "model", "is_dir": True}
    ]
    mlflow.refused("RESOURCE_DOES_NOT_EXIST", "GET", "artifacts/list?run_id=9")


def test_a_file_is_fetched_from_the_store(proxy: Mlflow, blobs: MemoryBlobStore) -> None:
    log(blobs, "a/ö 1%.txt")

    answer = proxy.ask("GET", FILES + "a/%C3%B6%201%25.txt", follow_redirects=False)

    assert answer.status_code == 307
    assert fetched(blobs, answer.headers["location"]) == "a/ö 1%.txt".encode()
    proxy.refused("RESOURCE_DOES_NOT_EXIST", "GET", FILES + "b")
    assert "folder" in proxy.refused("INVALID_PARAMETER_VALUE", "GET", FILES + "a")
    proxy.refused("RESOURCE_DOES_NOT_EXIST", "GET", "artifacts/anything")


def test_where_to_fetch_a_file_is_told_with_its_size(
    proxy: Mlflow, mlflow: Mlflow, blobs: MemoryBlobStore
) -> None:
    log(blobs, "a/b")

    by_path = proxy.get("presigned/1/1/artifacts/a/b")
    by_run = mlflow.post("artifacts/presigned-download-url", run_id="1", path="a/b")

    assert fetched(blobs, by_path["url"]) == fetched(blobs, by_run["presigned_url"]) == b"a/b"
    assert by_path["file_size"] == by_run["file_size"] == 3
    assert by_path["headers"] == {}
    proxy.refused("RESOURCE_DOES_NOT_EXIST", "GET", "presigned/1/1/artifacts/none")


@pytest.mark.parametrize("prefix", ["", "/ns/default"])
def test_a_file_may_pass_through(api: Api, blobs: MemoryBlobStore, prefix: str) -> None:
    url = f"{prefix}/api/2.0/mlflow-artifacts/{FILES}a/b.txt"

    answer = api.put(url, content=b"hello", headers={"Content-Type": "text/plain"})

    assert (answer.status_code, answer.json()) == (200, {})
    assert blobs.get("default/~runs/1/a/b.txt") == b"hello"


def test_an_empty_file_is_a_file(proxy: Mlflow, blobs: MemoryBlobStore) -> None:
    proxy("PUT", FILES + "empty", content=b"")

    assert blobs.get("default/~runs/1/empty") == b""


@pytest.mark.parametrize("announced", [True, False])
def test_too_much_to_pass_through_says_what_to_do(
    proxy: Mlflow, blobs: MemoryBlobStore, announced: bool
) -> None:
    def unannounced() -> Iterator[bytes]:
        yield b"x" * 600
        yield b"x" * 600

    content: Any = b"x" * 1_200 if announced else unannounced()

    message = proxy.refused("INVALID_PARAMETER_VALUE", "PUT", FILES + "x", content=content)

    assert "MODELRY_MAX_PROXIED_BYTES" in message
    assert "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD" in message
    assert blobs.get("default/~runs/1/x") is None


def test_a_client_sends_parts_straight_to_the_store(proxy: Mlflow, blobs: MemoryBlobStore) -> None:
    folder = "1/1/artifacts/a"
    made = proxy.post(f"mpu/create/{folder}", path="/home/me/b.bin", num_parts="2")
    assert [each["part_number"] for each in made["credentials"]] == [1, 2]
    for each, content in zip(made["credentials"], (b"one", b"two"), strict=True):
        blobs.send(SignedRequest("PUT", each["url"], each["headers"], blobs._clock.now()), content)
    held = blobs.parts("default/~runs/1/a/b.bin", made["upload_id"]) or ()
    parts = [{"part_number": part.number, "etag": f'"{part.etag}"', "url": "x"} for part in held]

    body = {"path": "b.bin", "upload_id": made["upload_id"], "parts": parts}
    assert proxy.post(f"mpu/complete/{folder}", **body) == {}
    assert proxy.post(f"mpu/complete/{folder}", **body) == {}

    assert blobs.get("default/~runs/1/a/b.bin") == b"onetwo"


def test_an_upload_is_given_up(proxy: Mlflow, blobs: MemoryBlobStore) -> None:
    made = proxy.post("mpu/create/1/1/artifacts", path="C:\\me\\b.bin", num_parts=1)
    body = {"path": "b.bin", "upload_id": made["upload_id"]}

    proxy.post("mpu/abort/1/1/artifacts", **body)

    assert not blobs._uploads
    parts = [{"part_number": 1, "etag": '"0"'}]
    sent = {"json": {**body, "parts": parts}}
    proxy.refused("RESOURCE_CONFLICT", "POST", "mpu/complete/1/1/artifacts", **sent)


def test_more_parts_than_an_answer_holds_are_refused(proxy: Mlflow) -> None:
    sent = {"json": {"path": "b", "num_parts": 5_001}}

    message = proxy.refused("INVALID_PARAMETER_VALUE", "POST", "mpu/create/1/1/artifacts", **sent)

    assert "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE" in message


def test_a_whole_file_is_sent_by_one_request(mlflow: Mlflow, blobs: MemoryBlobStore) -> None:
    made = mlflow.post("artifacts/presigned-upload-url", run_id="1", path="a/b")

    signed = SignedRequest("PUT", made["presigned_url"], made["headers"], blobs._clock.now())
    blobs.send(signed, b"any")

    assert blobs.get("default/~runs/1/a/b") == b"any"
    for wrong in ({"path": "a"}, {"path": "a", "run_id": "1", "model_id": "m-1"}):
        mlflow.refused(
            "INVALID_PARAMETER_VALUE", "POST", "artifacts/presigned-upload-url", json=wrong
        )


def test_what_is_deleted_is_gone_and_may_be_deleted_again(
    proxy: Mlflow, blobs: MemoryBlobStore
) -> None:
    log(blobs, "a/b", "a/c/d", "ab")

    assert proxy("DELETE", FILES + "a") == proxy("DELETE", FILES + "a") == {}

    assert names(proxy, "1/1/artifacts") == ["ab"]


CLIMBING = ["../x", "a/../../x", "%2e%2e/x", "%252e%252e/x", "a/%2E%2E/x", "%2Fetc/passwd", "a%23b",
            "a%5Cb", "%2525252e%2525252e/x"]  # fmt: skip


@pytest.mark.parametrize("path", CLIMBING)
@pytest.mark.parametrize(
    ("method", "place"),
    [
        ("PUT", "artifacts/"),
        ("GET", "artifacts/"),
        ("DELETE", "artifacts/"),
        ("GET", "presigned/"),
        ("POST", "mpu/create/"),
    ],
)
def test_no_path_climbs(
    proxy: Mlflow, blobs: MemoryBlobStore, method: str, place: str, path: str
) -> None:
    log(blobs, "x")
    before = dict(blobs._objects)
    # The test's client would resolve '..' itself.
    address = f"{place}1/1/artifacts/{path.replace('../', '%2e%2e/')}"

    answer = proxy.ask(method, address, **({"json": {"path": "x"}} if method == "POST" else {}))

    assert answer.status_code in {400, 404}, answer.text
    assert answer.json()["error_code"] in {"INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST"}
    assert blobs._objects == before
    assert not blobs._uploads


def test_names_of_uploads_do_not_climb_either(proxy: Mlflow, mlflow: Mlflow) -> None:
    for name in ("..", "a/..", "%2e%2e", "", "a/"):
        sent = {"json": {"path": name, "num_parts": 1}}
        proxy.refused("INVALID_PARAMETER_VALUE", "POST", "mpu/create/1/1/artifacts", **sent)
    for path in ("../x", "%2e%2e/x", "/etc", "a#b"):
        for call in ("artifacts/list?run_id=1", "artifacts/list?run_uuid=1"):
            mlflow.refused(
                "INVALID_PARAMETER_VALUE", "GET", call, params={"run_id": 1, "path": path}
            )


def test_a_name_that_would_be_cut_is_refused(proxy: Mlflow) -> None:
    message = proxy.refused("INVALID_PARAMETER_VALUE", "PUT", FILES + "what?.txt", content=b"x")

    assert "%3F" in message
