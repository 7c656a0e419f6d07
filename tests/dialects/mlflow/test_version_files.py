"""Files of versions and of logged models over MLflow's routes, and versions that are made of what
was logged."""

import pytest

from core.adapters.memory.blobs import MemoryBlobStore
from core.domain.access import Role
from core.domain.versions import ByNumber
from core.ports import SignedRequest
from tests.api.client import Api, bearer
from tests.builders import ADMIN
from tests.dialects.mlflow.conftest import Mlflow
from tests.dialects.mlflow.keeping import fetched, log, proxy_of, with_a_run

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


def test_files_of_a_version_are_read_and_never_written(api: Api, proxy: Mlflow) -> None:
    version = api.world.pushed({"MLmodel": b"m", "data/x": b"1", "data/y/z": b"22"})
    root = f"versions/{version.id}"

    top = proxy.get("artifacts", path=root)["files"]
    below = proxy.get("artifacts", path=f"{root}/data")["files"]
    answer = proxy.ask("GET", f"artifacts/{root}/data/x", follow_redirects=False)
    presigned = proxy.get(f"presigned/{root}/MLmodel")

    assert [(each["path"], each["is_dir"]) for each in top] == [("MLmodel", False), ("data", True)]
    assert below == [
        {"path": "x", "is_dir": False, "file_size": 1},
        {"path": "y", "is_dir": True},
    ]
    assert fetched(api.world.blobs, answer.headers["location"]) == b"1"
    assert fetched(api.world.blobs, presigned["url"]) == b"m"
    for method in ("PUT", "DELETE"):
        proxy.refused("INVALID_PARAMETER_VALUE", method, f"artifacts/{root}/MLmodel")
    proxy.refused("RESOURCE_DOES_NOT_EXIST", "GET", f"artifacts/{root}/none")
    assert proxy.get("artifacts", path=f"{root}/MLmodel") == {}


def test_browser_pages_fetch_by_run_and_by_version(api: Api, blobs: MemoryBlobStore) -> None:
    log(blobs, "a/b")
    api.world.pushed({"MLmodel": b"m"})
    of_version = {"name": "iris", "version": "1", "path": "MLmodel"}

    run = api.get("/get-artifact", params={"run_id": "1", "path": "a/b"}, follow_redirects=False)
    version = api.get("/model-versions/get-artifact", params=of_version, follow_redirects=False)
    told = api.get("/model-versions/get-artifact", params={**of_version, "presigned": "true"})

    assert fetched(blobs, run.headers["location"]) == b"a/b"
    assert fetched(blobs, version.headers["location"]) == b"m"
    assert fetched(blobs, told.json()["url"]) == b"m"


def test_a_logged_model_lists_and_hands_out_its_own_files(
    api: Api, mlflow: Mlflow, blobs: MemoryBlobStore
) -> None:
    model = api.world.registry.logged_models.create(ADMIN, "default", "trial", {}, run="1")
    path = f"logged-models/{model.model_id}/artifacts"
    sent = mlflow.post("artifacts/presigned-upload-url", model_id=model.model_id, path="d/x")
    signed = SignedRequest("PUT", sent["presigned_url"], sent["headers"], blobs._clock.now())
    blobs.send(signed, b"any")

    listed = mlflow.get(f"{path}/directories", artifact_directory_path="d")
    told = mlflow.get(f"{path}/files", artifact_file_path="d/x", presigned="true")
    found = mlflow.ask("GET", f"{path}/files", params={"artifact_file_path": "d/x"})

    assert listed == {
        "root_uri": f"mlflow-artifacts:/1/models/{model.model_id}/artifacts",
        "files": [{"path": "d/x", "is_dir": False, "file_size": 3}],
    }
    assert fetched(blobs, told["url"]) == b"any"
    assert (found.status_code, fetched(blobs, found.headers["location"])) == (307, b"any")
    mlflow.refused("INVALID_PARAMETER_VALUE", "GET", f"{path}/files?artifact_file_path=../x")


def test_a_version_of_what_was_logged_has_it(
    api: Api, mlflow: Mlflow, blobs: MemoryBlobStore
) -> None:
    log(blobs, "model/MLmodel", "model/x")
    mlflow.post("registered-models/create", name="m")
    sources = [
        ({"source": "runs:/1/model", "run_id": "1"}, 2),
        ({"source": "mlflow-artifacts:/1/1/artifacts/model", "run_id": "1"}, 2),
        ({"source": "models:/m/1"}, 2),
        ({"source": "runs:/1/none", "run_id": "1"}, 0),
        ({"source": "runs:/77/model", "run_id": "77"}, 0),
        ({"source": "s3://elsewhere/model"}, 0),
    ]

    for number, (sent, count) in enumerate(sources, 1):
        made = mlflow.post("model-versions/create", name="m", **sent)["model_version"]
        uri = mlflow.get("model-versions/get-download-uri", name="m", version=str(number))
        version = api.world.registry.versions.get(ADMIN, "default", "m", ByNumber(number))
        assert (made["source"], made["status"]) == (sent["source"], "READY")
        assert version.file_count == count
        where = f"mlflow-artifacts:/versions/{version.id}" if count else sent["source"]
        assert uri["artifact_uri"] == where
    assert api.world.registry.runs.get(ADMIN, "default", "1").outputs[0]["number"] == 1


def test_whoever_reads_does_not_write(api: Api, proxy: Mlflow, blobs: MemoryBlobStore) -> None:
    log(blobs, "x")
    api.headers.update(bearer(api.world.token(("default", Role.READER))))

    assert proxy.get("presigned/1/1/artifacts/x")["file_size"] == 1
    for method in ("PUT", "DELETE"):
        proxy.refused("PERMISSION_DENIED", method, FILES + "x")
    sent = {"json": {"path": "x", "num_parts": 1}}
    proxy.refused("PERMISSION_DENIED", "POST", "mpu/create/1/1/artifacts", **sent)
