"""The house's order: described, short, and the same noun under the same name in every layer."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain import subjects
from tests.builders import World

ROOT = Path(__file__).parents[2]
MODULES = sorted(file for folder in ("core", "handlers") for file in (ROOT / folder).rglob("*.py"))
MAX_LINES = 300
FORBIDDEN = {"manager", "helper", "helpers", "utils", "util", "data", "info", "misc"}
LAYERS = {
    "services": ROOT / "core/services",
    "routes": ROOT / "handlers/api/v1/routes",
    "wire": ROOT / "handlers/api/v1/wire",
    "domain": ROOT / "core/domain",
    "mongo": ROOT / "core/adapters/mongo",
    "memory": ROOT / "core/adapters/memory",
}
SHARED = {"__init__", "common", "openapi"}


def place(file: Path) -> str:
    return str(file.relative_to(ROOT))


def public(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Functions and classes that anybody may use, and the methods of the classes."""
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if not node.name.startswith("_"):
            yield node.name, node


@pytest.mark.parametrize("file", MODULES, ids=place)
def test_a_module_and_every_public_name_in_it_is_described(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    if not tree.body:
        return

    lacking = [name for name, node in public(tree) if not ast.get_docstring(node)]

    assert ast.get_docstring(tree), f"{place(file)} does not say why it exists"
    assert lacking == []


@pytest.mark.parametrize("file", MODULES, ids=place)
def test_a_module_is_short(file: Path) -> None:
    lines = len(file.read_text(encoding="utf-8").splitlines())

    assert lines <= MAX_LINES


@pytest.mark.parametrize("file", MODULES, ids=place)
def test_a_name_is_a_noun_of_the_field(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = {file.stem, *(name for name, _ in public(tree))}

    for name in names:
        words = {word.lower() for word in name.split("_")}
        assert not words & FORBIDDEN, name
        assert not name.endswith(("Manager", "Helper", "Utils", "Info")), name


def stems(layer: str) -> set[str]:
    return {file.stem for file in LAYERS[layer].glob("*.py")} - SHARED


def test_the_same_noun_has_the_same_file_name_in_every_layer() -> None:
    services, routes, wire = stems("services"), stems("routes"), stems("wire")
    stored = {
        "namespaces", "models", "versions", "files", "grants", "schemas", "events", "claims",
        "approvals", "artifacts",
        "evaluations", "lifecycles", "publishers", "service_accounts", "access_tokens",
        "environments", "deployments", "serve_records", "experiments", "runs", "metrics",
        "webhooks", "deliveries",
        "logged_models",
        "stored_objects",
    }  # fmt: skip

    assert routes - wire == {"deletions"}  # it answers with models and versions
    assert wire <= routes
    assert services - routes == {
        "tokens",
        "attachments", "claims", "conformity", "crossings", "decisions", "downloads", "drafts",
        "edits", "fingerprints", "holders", "lookups", "manifests", "moments",
        "passages", "placements", "pointers", "pulls", "purges", "receipts", "refusals",
        "removals", "reviews", "sealing", "keeping", "lineage", "run_purges", "metric_histories",
        "arrivals", "flavours", "handovers", "owners", "renames", "renaming",
        "relay", "dispatches", "lanes", "passes", "receivers",
        "noting", "sorting", "batches", "backups", "consistency",
        "measurements", "run_artifacts",
    }  # fmt: skip
    assert routes - services == set()
    assert stored <= stems("mongo")
    assert stored <= stems("memory")
    assert stored - {"grants"} <= stems("domain")


def test_every_test_module_says_what_it_tests() -> None:
    for folder in ("unit", "api", "contract", "architecture"):
        files = sorted((ROOT / "tests" / folder).glob("test_*.py"))
        assert files, folder
        for file in files:
            tree = ast.parse(file.read_text(encoding="utf-8"))
            assert ast.get_docstring(tree), f"{place(file)} does not say what it tests"


@pytest.mark.parametrize("file", MODULES, ids=place)
def test_every_public_function_has_type_hints(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))

    for name, node in public(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            assert node.returns is not None, name
            assert all(argument.annotation is not None for argument in arguments), name


def test_the_registry_declares_every_use_case_that_it_is_given_and_no_other() -> None:
    tree = ast.parse((ROOT / "core/registry.py").read_text(encoding="utf-8"))
    declared = {
        node.target.id: ast.unparse(node.annotation)
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    registry = World().registry

    assert declared == {name: type(getattr(registry, name)).__name__ for name in registry}


def test_every_noun_with_a_history_is_a_class_that_is_there() -> None:
    classes = {
        name
        for file in (ROOT / "core/domain").glob("*.py")
        for name, node in public(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    }

    assert subjects._BY_CLASS.keys() <= classes
