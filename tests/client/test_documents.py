"""Everything that can be said of versions, through the SDK and the command."""

import json
import os
import secrets
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from modelry import Invalid, Modelry
from tests.parts import LocalRegistry

Run = Callable[..., "CompletedProcess[str]"]
EVERYTHING: dict[str, Any] = {
    "model_type": "classifier",
    "metrics": {"accuracy": 0.97, "n": 150},
    "training_metrics": {"loss": 0.1},
    "cross_validation_metrics": {"accuracy": 0.95},
    "inference_metrics": {"latency_ms": 3.5},
    "confusion_matrix": {"labels": ["a", "b"], "matrix": [[9, 1], [0, 10]]},
    "tuning": {"method": "grid", "trials": 12},
    "datasets": [
        {"name": "iris", "role": "training", "rows": 150,
         "features": [{"name": "petal", "type": "double", "importance": 0.7}]}
    ],
    "explainability": {"shap": {"petal": 0.3}},
    "fairness": {"parity": 0.98},
    "compliance": {"gdpr": "done"},
    "serving": {"environment": "triton"},
    "authors": ["Alice", "Bob"],
    "approval_note": "seen",
    "notes": "first line\nsecond \x1b[31mline",
}  # fmt: skip
REFERENCE = {"name": "lake", "kind": "dataset", "uri": "s3://lake/iris"}


@pytest.fixture
def name(tmp_path: Path) -> str:
    (tmp_path / "model.bin").write_bytes(secrets.token_bytes(1000))
    return f"model-{secrets.token_hex(4)}"


@pytest.fixture
def run(local_registry: LocalRegistry, owner_token: str, tmp_path: Path) -> Run:
    def command(*arguments: str, **more: str) -> "CompletedProcess[str]":
        own = {"MODELRY_URL": local_registry.url, "MODELRY_TOKEN": owner_token}
        return subprocess.run(
            [sys.executable, "-m", "modelry", *arguments],
            env={**os.environ, **own, **more},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    return command


def document(done: "CompletedProcess[str]") -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_everything_is_pushed_and_read_back(registry: Modelry, name: str, tmp_path: Path) -> None:
    artifacts = [REFERENCE, {"name": "weights", "kind": "model", "path": "model.bin"}]

    version = registry.push(tmp_path / "model.bin", name, artifacts=artifacts, **EVERYTHING)

    assert {field: getattr(version, field) for field in EVERYTHING} == EVERYTHING
    listed = list(registry.artifacts(version.reference))
    assert [
        {key: each.raw[key] for key in said} for each, said in zip(listed, artifacts, strict=True)
    ] == artifacts
    assert repr(next(registry.artifacts(version.reference))) == (
        "<Artifact lake, dataset at s3://lake/iris>"
    )


def test_references_alone_are_a_version(registry: Modelry, name: str) -> None:
    version = registry.push(None, name, artifacts=[REFERENCE], environment={}, code={})

    assert (version.state, version.file_count) == ("ready", 0)


def test_what_does_not_fit_is_named_by_its_place(registry: Modelry, name: str) -> None:
    with pytest.raises(Invalid, match=r"datasets\.0\.rows: must be an integer from 0"):
        registry.push(None, name, datasets=[{"rows": "many"}])


def test_the_type_of_a_model_is_set(registry: Modelry, name: str) -> None:
    model = registry.register_model(name, model_type="classifier")
    changed = registry.update_model(name, model_type="ranker")

    assert (model.model_type, changed.model_type) == ("classifier", "ranker")


def test_schemas_are_set_listed_and_hold(registry: Modelry, run: Run, tmp_path: Path) -> None:
    kind = f"kind-{secrets.token_hex(4)}"
    (tmp_path / "rules.json").write_text('{"required": ["license"]}')
    assert run("schema", kind, "rules.json", "--reason", "law").returncode == 0

    with pytest.raises(Invalid, match="'license' is a required property"):
        registry.push(None, "whatever", model_type=kind)
    assert document(run("schema", kind)) == {"required": ["license"]}
    assert kind in run("schema").stdout
    assert kind in [each.model_type for each in registry.schemas()]
    refused = run("schema", kind, "missing.json")
    assert run("schema", kind, "--rm").returncode == 0
    assert run("schema", kind).returncode == 3
    assert refused.returncode == 2


def test_a_document_and_options_are_put_together(run: Run, name: str, tmp_path: Path) -> None:
    (tmp_path / "said.json").write_text(json.dumps({**EVERYTHING, "tags": {"a": "1", "b": "2"}}))

    pushed = document(
        run(
            "push", "model.bin", name, "--json", "--document", "said.json",
            "-m", "accuracy=0.99", "-t", "b=3", "--dataset", "s3://more",
            "--artifact", "dataset:lake=s3://lake/iris", "--artifact", "weights=model.bin",
            "--model-type", "ranker", "--no-code", "--no-environment",
        )
    )  # fmt: skip

    assert pushed["model_type"] == "ranker"
    assert pushed["metrics"] == {"accuracy": 0.99, "n": 150}
    assert pushed["tags"] == {"a": "1", "b": "3"}
    assert [each.get("uri") for each in pushed["datasets"]] == [None, "s3://more"]
    assert pushed["artifacts"] == [
        {"name": "lake", "kind": "dataset", "uri": "s3://lake/iris"},
        {"name": "weights", "kind": "model", "path": "model.bin"},
    ]
    assert pushed["notes"] == EVERYTHING["notes"]
    listed = run("artifacts", f"{name}:1").stdout
    assert "s3://lake/iris" in listed


def test_an_artifact_is_attached_to_a_version_that_is_there(run: Run, name: str) -> None:
    document(run("push", "-", name, "--json", "--no-code", "--no-environment"))

    made = document(
        run("attach", f"{name}:1", "document:card=https://host/card.md", "--digest", "sha256:0",
            "--description", "What it is for", "--json")
    )  # fmt: skip
    told = run("attach", f"{name}:1", "extra=gs://bucket/extra").stdout
    twice = run("attach", f"{name}:1", "document:card=https://host/other")

    assert (made["kind"], made["uri"], made["is_declared"]) == (
        "document",
        "https://host/card.md",
        False,
    )
    assert "gs://bucket/extra" in told
    assert twice.returncode != 0
    assert "taken" in twice.stderr


def test_an_unknown_field_of_a_document_is_a_usage_error(
    run: Run, name: str, tmp_path: Path
) -> None:
    (tmp_path / "said.json").write_text('{"metrix": {}}')

    failed = run("push", "model.bin", name, "--document", "said.json")

    assert failed.returncode == 2
    assert "metrix" in failed.stderr


def test_nothing_but_references_is_pushed_with_a_dash(run: Run, name: str) -> None:
    pushed = run("push", "-", name, "--artifact", "m=hdfs://namenode/m", "--no-environment")

    assert pushed.returncode == 0, pushed.stderr
    assert f"default/{name}:1 is ready" in pushed.stdout
    assert "None" not in pushed.stdout


def test_show_has_sections_with_aligned_numbers_and_none_that_is_empty(
    registry: Modelry, run: Run, name: str, tmp_path: Path
) -> None:
    registry.push(
        tmp_path / "model.bin", name, description="A tree.", environment={}, code={}, **EVERYTHING
    )
    registry.set_alias(name, "champion", 1)

    shown = run("show", f"{name}@champion").stdout
    lines = shown.splitlines()

    assert lines[0].split() == [f"default/{name}:1", "1.0.0", "@champion", "ready"]
    assert lines[1] == "  A tree."
    at = lines.index("METRICS")
    assert [line.rstrip() for line in lines[at + 1 : at + 3]] == [
        "  accuracy    0.97",
        "  n         150",
    ]
    for title in ("CONFUSION MATRIX", "DATA SETS", "FEATURES", "FAIRNESS", "NOTES", "FILES"):
        assert title in lines
    for title in ("CODE", "ENVIRONMENT", "TAGS", "PARAMETERS"):
        assert title not in lines
    assert "\x1b" not in shown
    assert run("show", name).stdout.splitlines()[0].split()[:1] == [f"default/{name}"]


def test_a_notebook_shows_the_same_and_escapes_all_of_it(registry: Modelry, name: str) -> None:
    evil = "<script>alert(1)</script>"
    version = registry.push(
        None, name, description=evil, notes=evil, authors=[evil], parameters={evil: evil},
        metrics={evil: 1}, datasets=[{"name": evil}], tags={evil: evil}, model_type="<b>",
        environment={}, code={}, artifacts=[{**REFERENCE, "name": "<i>"}],
    )  # fmt: skip
    model = registry.update_model(name, description=evil, tags={evil: evil})

    for page in (version._repr_html_(), model._repr_html_()):
        assert "&lt;script&gt;" in page
        assert "<script" not in page
        assert "<b>" not in page
        assert "<i>" not in page


def test_tags_are_set_and_taken_away(run: Run, name: str) -> None:
    run("push", "model.bin", name, "-t", "draft=yes", "-t", "kept=1")

    done = document(run("tag", f"{name}:1", "ok=a=b", "--remove", "draft", "--json"))
    listed = run("tag", f"{name}:1").stdout
    model = document(run("tag", name, "team=fraud", "--json"))

    assert done["tags"] == {"kept": "1", "ok": "a=b"}
    assert listed.splitlines()[1:] == ["kept  1", "ok    a=b"]
    assert model["tags"] == {"team": "fraud"}


def editor(tmp_path: Path, script: str) -> str:
    """An editor that runs Python on the JSON as `d`; `path` is the file."""
    file = tmp_path / f"editor-{secrets.token_hex(4)}"
    file.write_text(
        f"#!{sys.executable}\nimport json, sys\npath = sys.argv[-1]\nd = json.load(open(path))\n"
        f"{script}\njson.dump(d, open(path, 'w'))\n"
    )
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return str(file)


def test_what_is_edited_is_sent_as_a_patch(run: Run, name: str, tmp_path: Path) -> None:
    run("push", "model.bin", name, "-t", "a=1", "-t", "b=2", "--metadata", 'x={"y": [1], "z": 0}')
    change = "d['tags'] = {'a': '9'}; d['metadata']['x']['y'] = [2]; d['owner'] = 'us'"

    done = run("edit", f"{name}:1", "--reason", "why", EDITOR=editor(tmp_path, change))
    kept = document(run("show", f"{name}:1", "--json"))
    same = run("edit", f"{name}:1", EDITOR=editor(tmp_path, "pass"))

    assert done.returncode == 0, done.stderr
    assert kept["tags"] == {"a": "9"}
    assert kept["metadata"] == {"x": {"y": [2], "z": 0}}
    assert kept["owner"] == "us"
    assert "Nothing was changed" in same.stderr
    assert document(run("show", f"{name}:1", "--json"))["revision"] == kept["revision"]


def test_an_edit_of_what_changed_meanwhile_shows_both_and_keeps_the_text(
    run: Run, name: str, tmp_path: Path, local_registry: LocalRegistry, owner_token: str
) -> None:
    run("push", "model.bin", name, "-t", "a=1")
    meanwhile = (
        "import subprocess; d['tags']['a'] = 'mine'\n"
        f"subprocess.run([sys.executable, '-m', 'modelry', 'tag', '{name}:1', 'a=theirs', 'b=2'],"
        " check=True, stdout=subprocess.DEVNULL)"
    )

    failed = run("edit", f"{name}:1", EDITOR=editor(tmp_path, meanwhile))

    assert failed.returncode == 1
    assert '/tags/a: was "1", is now "theirs", you write "mine"' in failed.stderr
    assert '/tags/b: was null, is now "2"' in failed.stderr
    kept = Path(failed.stderr.strip().rpartition(" ")[2])
    assert json.loads(kept.read_text())["tags"] == {"a": "mine"}
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    kept.unlink()


def test_an_edit_that_is_no_json_is_kept_too(run: Run, name: str, tmp_path: Path) -> None:
    run("push", "model.bin", name)
    broken = editor(tmp_path, "open(path, 'w').write('{'); sys.exit(0)")

    failed = run("edit", f"{name}:1", EDITOR=broken)

    assert failed.returncode == 1
    assert "no JSON" in failed.stderr
    Path(failed.stderr.strip().rpartition(" ")[2]).unlink()


def test_the_address_is_printed(run: Run, name: str, local_registry: LocalRegistry) -> None:
    run("push", "model.bin", name)
    base = f"{local_registry.url}/api/v1/namespaces/default/models/{name}"

    assert run("open", f"{name}:latest").stdout.strip() == f"{base}/versions/1"
    assert document(run("open", name, "--json")) == {"url": base}


@pytest.mark.parametrize(
    ("shell", "line"),
    [("bash", "complete -o nosort"), ("zsh", "#compdef modelry"), ("fish", "complete --no-files")],
)
def test_shells_are_taught_the_commands(run: Run, shell: str, line: str) -> None:
    assert line in run("completion", shell).stdout


def test_a_model_is_imported_by_the_command(run: Run, name: str) -> None:
    refused = run("import", "file:///etc/passwd", name)

    assert refused.returncode == 1
    assert "cannot be imported" in refused.stderr
    assert run("show", name).returncode == 3
