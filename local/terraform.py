"""`iac/aws` applied to an emulator of the platform, from a copy so that nothing stays beside it."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from glob import escape, glob
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).resolve().parents[1] / "iac" / "aws"
REGION = "eu-west-1"
ROOT_KEY = "test"
"""The emulators' account key, which may do everything."""
MIRRORS = ("~/.terraform.d/plugins", "/usr/local/share/terraform/plugins", "/opt/*")
"""Where providers may lie for those without a network; MODELRY_TERRAFORM_PLUGINS goes before."""


class TerraformFailed(Exception):
    """It is not there, or did not do what it was asked to; the message shows what it said."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A working copy of `iac/aws` in `folder`, for the emulator at `endpoint`."""

    folder: Path
    endpoint: str

    @classmethod
    def copied_to(cls, folder: Path, endpoint: str) -> "Stack":
        """Start afresh: a copy without any state, with the provider in it. Raises
        `TerraformFailed`."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        stack = cls(folder, endpoint)
        mirror = plugins()
        stack.run("init", "-input=false", *([f"-plugin-dir={mirror}"] if mirror else []))
        return stack

    def apply(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Bring the emulator to what the sources say; the outputs. Raises `TerraformFailed`."""
        self.write(variables)
        self.run("apply", "-auto-approve", "-input=false")
        outputs = json.loads(self.run("output", "-json"))
        return {name: output["value"] for name, output in outputs.items()}

    def changes(self) -> list[str]:
        """The addresses of what another apply would change. Raises `TerraformFailed`."""
        self.run("plan", "-input=false", "-out=plan")
        planned = json.loads(self.run("show", "-json", "plan"))
        return [
            change["address"]
            for change in planned.get("resource_changes", [])
            if change["change"]["actions"] not in (["no-op"], ["read"])
        ]

    def destroy(self) -> None:
        """Take everything away. Raises `TerraformFailed`."""
        self.run("destroy", "-auto-approve", "-input=false")

    def write(self, variables: Mapping[str, Any]) -> None:
        """Set the variables of `iac/aws`."""
        own = {"region": REGION, "emulator": self.endpoint, **variables}
        path = self.folder / "terraform.tfvars.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(own, indent=1), encoding="utf-8")

    def run(self, command: str, *options: str) -> str:
        """What Terraform prints. Raises `TerraformFailed`."""
        return terraform((command, "-no-color", *options), self.folder, self._environment())

    def _environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ROOT_KEY,
            "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


def terraform(arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> str:
    """Run it in a folder, with none of this machine's settings of it or of a cloud. Raises
    `TerraformFailed`."""
    foreign = ("AWS_", "TF_", "MODELRY_")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(foreign)}
    own = {"TF_CLI_CONFIG_FILE": os.devnull, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
    try:
        done = subprocess.run(
            ["terraform", *arguments],
            cwd=folder,
            env={**kept, **own, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise TerraformFailed(
            "There is no terraform on the PATH. Install Terraform 1.11 or later."
        ) from None
    if done.returncode:
        raise TerraformFailed(f"terraform {arguments[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def plugins() -> Path | None:
    """The folder of providers to take instead of the registry's, if there is one."""
    given = os.environ.get("MODELRY_TERRAFORM_PLUGINS")
    for pattern in [escape(given)] if given else MIRRORS:
        for folder in glob(os.path.expanduser(pattern)):
            if Path(folder, "registry.terraform.io", "hashicorp", "aws").is_dir():
                return Path(folder)
    if given:
        raise TerraformFailed(f"MODELRY_TERRAFORM_PLUGINS={given} holds no provider for AWS.")
    return None
