"""What a push records of its own accord."""

import subprocess
from pathlib import Path

import pytest

from modelry.build import record_code, record_environment, without_credentials


@pytest.mark.parametrize(
    ("remote", "shown"),
    [
        ("https://user:token@git.example.org/a/b.git", "https://git.example.org/a/b.git"),
        ("https://git.example.org/a/b.git?token=x#y", "https://git.example.org/a/b.git"),
        ("ssh://git@git.example.org:22/a/b.git", "ssh://git.example.org:22/a/b.git"),
        ("git@git.example.org:a/b.git", "git.example.org:a/b.git"),
        ("../b.git", "../b.git"),
    ],
)
def test_a_remote_is_recorded_without_credentials(remote: str, shown: str) -> None:
    assert without_credentials(remote) == shown


def test_the_commit_and_whether_files_differ_from_it_are_recorded(tmp_path: Path) -> None:
    assert record_code(tmp_path) == {}
    author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    (tmp_path / "train.py").write_text("1")
    for command in (
        ("init", "-q", "-b", "main"),
        ("remote", "add", "origin", "https://u:p@git.example.org/a.git"),
        ("add", "train.py"),
        (*author, "commit", "-q", "-m", "first"),
    ):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    clean = record_code(tmp_path)
    (tmp_path / "train.py").write_text("2")

    assert len(clean.pop("commit")) == 40
    assert clean == {
        "dirty": False,
        "branch": "main",
        "repository": "https://git.example.org/a.git",
    }
    assert record_code(tmp_path)["dirty"] is True


def test_the_environment_names_python_and_the_packages_that_matter() -> None:
    recorded = record_environment()

    assert recorded["python"].startswith("3.")
    assert "scikit-learn" in recorded["packages"]
    assert "pytest" not in recorded["packages"]
