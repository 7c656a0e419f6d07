"""The arrows between layers, as `pyproject.toml` draws them."""

from pathlib import Path

import pytest
from importlinter import cli

ROOT = Path(__file__).parents[2]


def test_every_import_contract_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)

    outcome = cli.lint_imports(config_filename="pyproject.toml", no_cache=True)

    assert outcome == cli.EXIT_STATUS_SUCCESS, capsys.readouterr().out


@pytest.mark.parametrize("folder", ["core", "handlers", "local", "client", "bench", "iac"])
def test_only_tests_import_tests(folder: str) -> None:
    for file in (ROOT / folder).rglob("*.py"):
        if "tests" in file.relative_to(ROOT).parts:
            continue
        lines = file.read_text(encoding="utf-8").splitlines()
        assert not [line for line in lines if line.startswith(("import tests", "from tests"))], file
