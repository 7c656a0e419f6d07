"""MLflow's own client, both generations and unmodified, against a running registry whose files lie
in a real object store; and one model through several clients."""

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


@pytest.fixture
def served(s3: parts.S3Server, bucket: str) -> Iterator[Served]:
    world = World()
    world.blobs = s3_store(s3, bucket)  # type: ignore[assignment]  # the World's is in memory
    world.registry = bundle(world.settings, world.database, world.blobs, world.tokens, world.clock)
    token = world.token(("default", Role.OWNER))
    with serving(world.registry, world.settings) as port:
        yield Served(world, port, token)


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_team_works_with_its_own_client(served: Served, tmp_path: Path, generation: str) -> None:
    served.run(generation, "log", tmp_path)
    served.run(generation, "load,again,files", tmp_path, IN_PARTS)

    version = served.world.registry.versions.get(ADMIN, "default", "flowers", ByNumber(1))
    assert version.framework["name"] == "sklearn"
    assert version.framework["version"]
    assert {column["name"] for column in version.signature["inputs"]} > {"sepal length (cm)"}
    assert version.environment["packages"]["scikit-learn"] == version.framework["version"]
    others = [("flowers", 2), ("copies", 1)]
    registry = served.world.registry
    found = [registry.versions.get(ADMIN, "default", m, ByNumber(n)) for m, n in others]
    assert [other.digest for other in found] == [version.digest] * 2


def test_a_model_that_mlflow_logged_is_had_by_every_client(served: Served, tmp_path: Path) -> None:
    served.run("mlflow-3", "log", tmp_path)

    pulled = Modelry(served.url, token=served.token).pull("flowers@champion", tmp_path / "pulled")
    listed = run_in("kubeflow-v1", LISTING, "http://127.0.0.1", str(served.port), served.token)

    version = served.world.registry.versions.get(ADMIN, "default", "flowers", ByNumber(1))
    assert pulled.version.digest == version.digest
    assert (pulled.path / "MLmodel").read_text().startswith("artifact_path:")
    assert f"flowers {version.version or version.number}" in listed or "flowers" in listed


def test_a_model_that_was_pushed_is_loaded_by_mlflow(served: Served, tmp_path: Path) -> None:
    served.run("mlflow-3", "save", tmp_path)

    Modelry(served.url, token=served.token).push(tmp_path / "saved", "pushed")

    for generation in GENERATIONS[:1]:
        served.run(generation, "pushed", tmp_path)
