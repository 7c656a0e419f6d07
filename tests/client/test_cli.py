"""The command, as a shell runs it."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.parts import LocalRegistry

Run = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
def run(local_registry: LocalRegistry, owner_token: str, tmp_path: Path) -> Run:
    def command(*arguments: str, **settings: str) -> "CompletedProcess[str]":
        environment = {
            **os.environ,
            "MODELRY_URL": local_registry.url,
            "MODELRY_TOKEN": owner_token,
            **settings,
        }
        return subprocess.run(
            [sys.executable, "-m", "modelry", *arguments],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    return command


@pytest.fixture
def name(tmp_path: Path) -> str:
    (tmp_path / "model.bin").write_bytes(secrets.token_bytes(1000))
    return f"model-{secrets.token_hex(4)}"


def document(done: "CompletedProcess[str]") -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_push_and_pull_with_everything(run: Run, name: str, tmp_path: Path) -> None:
    (tmp_path / "parameters.json").write_text('{"depth": 4, "rate": 0.1}')
    pushed = document(
        run(
            "push", "model.bin", name, "--json", "--alias", "champion",
            "-p", "rate=0.2", "-p", "kind=tree", "-p", "layers=[1, 2]",
            "-m", "accuracy=0.97", "--parameters-file", "parameters.json",
            "--metadata", 'who={"team": "a"}', "--dataset", "s3://data/iris", "-t", "n=1",
            "--framework", "scikit-learn=1.6", "--license", "Apache-2.0",
        )
    )  # fmt: skip
    pulled = document(run("pull", f"{name}@champion", "out", "--json"))

    assert pushed["aliases"] == ["champion"]
    assert pushed["parameters"] == {"depth": 4, "rate": 0.2, "kind": "tree", "layers": [1, 2]}
    assert pushed["metrics"] == {"accuracy": 0.97}
    assert pushed["metadata"] == {"who": {"team": "a"}}
    assert pushed["datasets"] == [{"uri": "s3://data/iris"}]
    assert pushed["tags"] == {"n": "1"}
    assert pushed["framework"] == {"name": "scikit-learn", "version": "1.6"}
    assert pulled["digest"] == pushed["digest"]
    assert (tmp_path / "out" / "model.bin").read_bytes() == (tmp_path / "model.bin").read_bytes()


def test_what_people_read_and_what_programs_read(run: Run, name: str) -> None:
    run("push", "model.bin", name, "--no-code", "--no-environment")
    listed = run("ls")
    versions = run("ls", name)
    shown = run("show", f"{name}:1")

    assert name in listed.stdout
    assert versions.stdout.splitlines()[0].split()[:2] == ["NUMBER", "VERSION"]
    assert "model.bin" in shown.stdout
    assert "environment" not in shown.stdout
    assert document(run("show", name, "--json"))["name"] == name
    files = document(run("show", f"{name}:1", "--json"))["files"]
    assert [file["path"] for file in files] == ["model.bin"]
    assert json.loads(run("ls", name, "--json").stdout)[0]["number"] == 1


def test_aliases_are_set_listed_and_taken_away(run: Run, name: str) -> None:
    run("push", "model.bin", name)

    assert f"{name}@champion is 1" in run("alias", f"{name}@champion", "1").stdout
    assert "@champion  1" in run("alias", name).stdout
    assert json.loads(run("alias", name, "--json").stdout)[0]["alias"] == "champion"
    assert run("alias", "--rm", f"{name}@champion").returncode == 0
    assert json.loads(run("alias", name, "--json").stdout) == []


def test_namespaces_are_created_listed_and_shown(
    run: Run, name: str, local_registry: LocalRegistry
) -> None:
    admin = local_registry.token("admin")
    created = run("namespaces", "--create", name, "--description", "a room", MODELRY_TOKEN=admin)
    listed = run("namespaces", MODELRY_TOKEN=admin)

    assert created.returncode == 0, created.stderr
    assert "a room" in listed.stdout
    assert document(run("namespaces", name, "--json", MODELRY_TOKEN=admin))["name"] == name


def test_whoami_and_token_say_who_asks(run: Run, owner_token: str) -> None:
    assert "subject:dev:" in run("whoami").stdout
    assert document(run("whoami", "--json"))["groups"] == ["owners"]
    assert run("token").stdout.strip() == owner_token


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("show", "nothing-there"), 3),
        (("pull", "nothing-there", "out"), 3),
        (("show", "a b/c"), 2),
        (("push", "model.bin", "m:3"), 2),
        (("push", "missing", "m"), 2),
        (("push", "model.bin", "m", "-m", "x=high"), 2),
        (("push", "model.bin", "m", "-p", "x"), 2),
        (("alias", "m", "3"), 2),
        (("unheard-of",), 2),
        (("namespaces", "--create", "another"), 4),
        (("ls", "--namespace", "Not A Name"), 1),
    ],
)
def test_each_failure_has_its_exit_code_and_says_what_to_try(
    run: Run, name: str, arguments: tuple[str, ...], code: int
) -> None:
    failed = run(*arguments)

    assert failed.returncode == code, failed.stderr
    assert failed.stdout == ""
    assert "Error" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert len(failed.stderr.splitlines()) >= 2


def test_no_registry_no_token_and_no_answer_have_exit_codes_of_their_own(run: Run) -> None:
    nowhere = run("ls", MODELRY_URL="")
    stranger = run("ls", MODELRY_TOKEN="")
    away = run("ls", "--url", "https://127.0.0.1:1", MODELRY_TOKEN="t")

    assert (nowhere.returncode, stranger.returncode, away.returncode) == (4, 4, 5)
    assert "modelry login URL" in nowhere.stderr
    assert "reaches it" in away.stderr


def test_what_others_wrote_does_not_steer_the_terminal(run: Run, name: str) -> None:
    run("push", "model.bin", name, "--description", "fine \x1b[31mred")

    assert "\x1b" not in run("show", f"{name}:1").stdout


def test_logout_forgets_the_sign_in(run: Run, own_settings: Path) -> None:
    assert run("logout").returncode == 0
    assert "Not signed in" in run("logout").stderr
