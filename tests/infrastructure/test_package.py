"""What is deployed: the same bytes from the same sources, whole, and no larger than it must be."""

import ast
import json
import marshal
import platform
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from iac.package import GOAL_BYTES, ROOT, BuildFailed, Package, build
from local.sandbox import PYTHON
from tests.infrastructure.conftest import MACHINES

UNCHECKED_HASH = 1
"""The flags of byte code that is taken without a look at its source (PEP 552)."""
ELF_MACHINES = {62: "x86_64", 183: "arm64"}
NOT_INSIDE = {
    "boto3": "the platform's runtime has its own",
    "botocore": "the platform's runtime has its own",
    "uvicorn": "only the container serves with it",
    "opentelemetry.exporter": "the extra `otel`, which the container has",
    "opentelemetry.sdk": "the extra `otel`, which the container has",
    "prometheus_client": "the extra `otel`, which the container has",
}


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The zip for the architecture that this machine does not have."""
    (architecture,) = set(MACHINES.values()) - {MACHINES[platform.machine()]}
    return build(architecture, sys.executable, tmp_path_factory.mktemp("other"))


def test_two_builds_are_the_same_bit_for_bit(package: Package, tmp_path: Path) -> None:
    again = build(MACHINES[platform.machine()], sys.executable, tmp_path)

    assert again.sha256 == package.sha256
    assert again.path.name == package.path.name


def test_it_is_no_larger_than_it_should_be(package: Package, other: Package) -> None:
    assert package.unpacked_bytes < GOAL_BYTES
    assert other.unpacked_bytes < GOAL_BYTES


def test_compiled_parts_are_for_the_architecture_in_the_name(
    package: Package, other: Package
) -> None:
    for each in (package, other):
        with zipfile.ZipFile(each.path) as archive:
            names = [name for name in archive.namelist() if name.endswith(".so")]
            machines = {
                ELF_MACHINES[int.from_bytes(archive.read(name)[18:20], "little")] for name in names
            }
        assert names
        assert machines == {each.path.stem.rpartition("-")[2]}


def test_every_source_has_byte_code_that_is_taken_unchecked(task: Path) -> None:
    tag = f"cpython-{sys.version_info.major}{sys.version_info.minor}"
    sources = list(task.rglob("*.py"))

    for source in sources:
        code = source.parent / "__pycache__" / f"{source.stem}.{tag}.pyc"
        content = code.read_bytes()
        assert int.from_bytes(content[4:8], "little") == UNCHECKED_HASH, source
    assert len(sources) > 500
    path = marshal.loads((task / f"core/__pycache__/errors.{tag}.pyc").read_bytes()[16:])
    assert path.co_filename == "/var/task/core/errors.py", "where tracebacks point"


def test_every_package_it_names_is_there_with_what_plug_ins_are_found_by(task: Path) -> None:
    lock = (ROOT / "requirements/server.txt").read_text(encoding="utf-8")
    wanted = {line.partition("==")[0] for line in lock.splitlines() if "==" in line}

    found = {
        path.parent.name.partition("-")[0].replace("_", "-").lower()
        for path in task.glob("*.dist-info/METADATA")
    }

    assert found == {name.replace(".", "-").lower() for name in wanted}
    assert list(task.glob("opentelemetry_api-*.dist-info/entry_points.txt"))


def test_the_api_s_document_and_the_grammars_are_inside(task: Path) -> None:
    document = json.loads((task / "handlers/api/v1/openapi.json").read_text(encoding="utf-8"))

    assert document["openapi"].startswith("3.")
    grammars = {path.relative_to(ROOT) for path in ROOT.glob("handlers/**/*.lark")}
    assert grammars
    assert {path.relative_to(task) for path in task.glob("handlers/**/*.lark")} == grammars


def test_every_import_anywhere_in_our_sources_can_be_made_of_the_zip_alone(task: Path) -> None:
    """Also those inside functions, which would fail only when first asked for."""
    names = sorted(
        name
        for name in {name for path in sources() for name in imported(path)}
        if not any(f"{name}.".startswith(f"{outside}.") for outside in NOT_INSIDE)
    )
    script = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"

    done = subprocess.run(
        [str(PYTHON), "-c", script, *names],
        cwd=task,
        env={"PYTHONPATH": str(task)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert {"minio.commonconfig", "joserfc.jwk", "lark", "pymongo"} <= set(names)
    assert done.returncode == 0, done.stderr


def test_a_mongodb_srv_address_can_be_looked_up(task: Path) -> None:
    done = subprocess.run(
        [str(PYTHON), "-c", "import dns.resolver"],
        env={"PYTHONPATH": str(task)},
        check=False,
    )

    assert done.returncode == 0


def test_an_interpreter_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BuildFailed, match=r"python9\.9 does not run"):
        build("x86_64", "python9.9", tmp_path)


def sources() -> Iterator[Path]:
    for room in ("core", "handlers"):
        yield from (ROOT / room).rglob("*.py")


def imported(path: Path) -> Iterator[str]:
    """The modules of others that a source imports anywhere but for its types alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module and node not in for_types:
            names = [node.module]
        elif isinstance(node, ast.Import) and node not in for_types:
            names = [alias.name for alias in node.names]
        yield from (name for name in names if name.split(".")[0] not in {"core", "handlers"})
