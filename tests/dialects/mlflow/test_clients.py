"""MLflow's own client, both generations and unmodified, against a running registry whose files lie
in a real object store; and one model through several clients."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.bootstrap import bundle
from core.domain.access import Role
from core.domain.versions import ByNumber
from modelry import Modelry
from tests import parts
from tests.builders import ADMIN, World
from tests.contract.blobs import s3_store
from tests.dialects.running import run_in, serving

FLOW = Path(__file__).with_name("flow.py")
LISTING = Path(__file__).with_name("listing.py")
GENERATIONS = ("mlflow-3", "mlflow-2")
IN_PARTS = {
    "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "true",
    "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE": str(5 << 20),
    "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE": str(5 << 20),
    "MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE": str(5 << 20),
}
"""So that eleven MiB are sent and fetched in parts, by either generation."""


@dataclass(frozen=True)
class Served:
    """A registry that answers, and who asks it."""

    world: World
    port: int
    token: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(
        self, generation: str, steps: str, folder: Path, variables: Mapping[str, str] | None = None
    ) -> None:
        """Take these steps of the flow with the client of a generation."""
        server = {"MLFLOW_TRACKING_URI": self.url, "MLFLOW_TRACKING_TOKEN": self.token}
        said = run_in(
            generation, FLOW, steps, str(folder), variables={**server, **(variables or {})}
        )
        assert said.endswith("done\n"), said


@pytest.fixture(scope="module")
def served(s3: parts.S3Server) -> Iterator[Served]:
    """One registry for all that follows: a client takes seconds to start."""
    world = World()
    with parts.bucket_of(s3) as bucket:
        world.blobs = s3_store(s3, bucket)  # type: ignore[assignment]  # the World's is in memory
        ports = (world.database, world.blobs, world.tokens, world.clock)
        world.registry = bundle(world.settings, *ports)
        token = world.token(("default", Role.OWNER))
        with serving(world.registry, world.settings) as port:
            yield Served(world, port, token)


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_team_works_with_its_own_client(served: Served, tmp_path: Path, generation: str) -> None:
    """Logged, loaded by another process, and handed over; pulled, listed and pushed by others."""
    served.run(generation, "log,save", tmp_path)
    sdk = Modelry(served.url, token=served.token)
    sdk.push(tmp_path / "saved", generation)
    pulled = sdk.pull(f"flowers-{generation}@champion", tmp_path / "pulled")
    served.run(generation, "load,pushed,again,files", tmp_path, IN_PARTS)

    get = served.world.registry.versions.get
    version = get(ADMIN, "default", f"flowers-{generation}", ByNumber(1))
    assert (version.framework["name"], version.digest) == ("sklearn", pulled.version.digest)
    assert (pulled.path / "MLmodel").is_file()
    assert {column["name"] for column in version.signature["inputs"]} > {"sepal length (cm)"}
    assert version.environment["packages"]["scikit-learn"] == version.framework["version"]
    others = (get(ADMIN, "default", f"flowers-{generation}", ByNumber(2)),
              get(ADMIN, "default", f"copies-{generation}", ByNumber(1)))  # fmt: skip
    assert [other.digest for other in others] == [version.digest] * 2


def test_a_model_that_mlflow_logged_is_listed_by_kubeflows_client(served: Served) -> None:
    model = f"flowers-{GENERATIONS[0]}"

    said = run_in("kubeflow-v1", LISTING, "http://127.0.0.1", str(served.port), served.token, model)

    listed = json.loads(said)
    version = served.world.registry.versions.get(ADMIN, "default", model, ByNumber(1))
    assert listed["uri"] == served.world.blobs.uri(version.key_prefix)
    assert listed["versions"] == 2
