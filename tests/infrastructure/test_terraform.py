"""`iac/aws` as it is written: style, types, what is planned, and what is said about it."""

import re
import zipfile
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from core.settings import Settings
from local.terraform import SOURCE, Stack, TerraformFailed, plugins, terraform
from tests.parts import ROOT

OF_THE_ROLE = {"S3_ACCESS_KEY", "S3_SECRET_KEY"}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    return Stack.copied_to(tmp_path_factory.mktemp("terraform") / "aws", "")


def test_it_is_valid_and_in_the_usual_style(stack: Stack) -> None:
    assert "Success" in stack.run("validate")
    terraform(("fmt", "-check", "-recursive", str(ROOT / "iac")), stack.folder, {})


def test_what_is_planned_for_each_setting_is_what_should_be(stack: Stack) -> None:
    with zipfile.ZipFile(stack.folder / "tests/empty-python3.13-arm64.zip", "w"):
        pass

    assert re.search(r"Success! \d+ passed, 0 failed", stack.run("test"))


def test_what_functions_are_told_are_settings_and_none_that_they_need_is_left_out() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SOURCE.glob("*.tf"))
    lists = re.findall(r"secrets += \[([^]]*)\]", text)
    told = {name.upper() for names in lists for name in re.findall(r'"(\w+)"', names)}
    told |= set(re.findall(r"\bMODELRY_(\w+) += ", text))
    needed = {each.name.upper() for each in fields(Settings) if each.default is MISSING}

    assert told <= {name.upper() for name in Settings.__annotations__}
    assert needed - told == OF_THE_ROLE
    assert {"ISSUERS", "ADMINS", "AUDIT_KEY", "TOKEN_PEPPERS", "PUBLIC_URL"} <= told


def test_every_variable_and_file_is_described_where_it_is_read_about() -> None:
    source = (SOURCE / "variables.tf").read_text(encoding="utf-8")
    readme = (SOURCE / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', source, re.MULTILINE | re.DOTALL)
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", readme, re.MULTILINE))

    assert rows.keys() == {name for name, _ in blocks}
    for name, block in blocks:
        (described,) = re.findall(r'^  description = "(.*)"$', block, re.MULTILINE)
        default, _, text = rows[name].partition(" | ")
        assert text == described.replace('\\"', '"'), name
        assert (default == "required") == ("  default" not in block), name
    for path in SOURCE.glob("*.tf"):
        assert path.name == "versions.tf" or f"`{path.name}`" in readme, path.name


def test_a_folder_without_the_provider_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELRY_TERRAFORM_PLUGINS", str(tmp_path))

    with pytest.raises(TerraformFailed, match=str(tmp_path)):
        plugins()


def test_without_terraform_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(TerraformFailed, match="Install Terraform"):
        terraform(("version",), tmp_path, {})
