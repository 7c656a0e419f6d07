"""A run over MLflow's dialect, and what it keeps."""

from core.adapters.memory.blobs import MemoryBlobStore
from core.domain.access import Role
from core.domain.logged_files import FileOwner, OwnerKind
from core.ports import SignedRequest
from tests.api.client import Api, bearer
from tests.builders import ADMIN
from tests.dialects.mlflow.conftest import Mlflow


def with_a_run() -> Api:
    """An application with run 1 of the experiment 1, asked by an owner."""
    made = Api(max_proxied_bytes=1_000)
    made.headers.update(bearer(made.world.token(("default", Role.OWNER))))
    made.world.registry.experiments.create(ADMIN, "default", "trial", {})
    made.world.registry.runs.create(ADMIN, "default", "trial", {})
    return made


def proxy_of(api: Api) -> Mlflow:
    """Where its clients send and fetch files."""
    return Mlflow(api, "/api/2.0/mlflow-artifacts/")


def log(blobs: MemoryBlobStore, *paths: str) -> None:
    """Let the run keep files, each with its path for its content."""
    owner = FileOwner("default", OwnerKind.RUN, "1")
    for path in paths:
        blobs.put(owner.key(path), path.encode())


def names(proxy: Mlflow, folder: str) -> list[str]:
    """What a folder is said to hold."""
    return [each["path"] for each in proxy.get("artifacts", path=folder).get("files", [])]


def fetched(blobs: MemoryBlobStore, url: str) -> bytes:
    """What the store hands out at an address."""
    return blobs.fetch(SignedRequest("GET", url, {}, blobs._clock.now()))
