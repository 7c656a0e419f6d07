"""`python -m local.deployed`: what is deployed to a cloud, on this machine, until Ctrl-C.

The zip that `make build` makes, put by `iac/aws` onto an emulator of the platform: its gateway
calls `api`, the bucket's own events `uploads`, its scheduler `sweep`, each with the permissions of
its role and no others. PORT is where it answers (8080), DATA_DIR the folder (.modelry-deployed).
"""

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.settings import Settings
from iac.package import BuildFailed, build
from local import programs
from local.first_start import prepare_database
from local.issuer.issuer import AUDIENCE
from local.issuer.people import CLI, GROUPS, SHORT_NAME
from local.ports import HOST, choose
from local.processes import Processes, Program, ProgramFailed
from local.run import WATCH_SECONDS, CannotStart, Stop, check_port
from local.state import Home, InUse
from local.terraform import ROOT_KEY, Stack, TerraformFailed

ARCHITECTURES = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
SERVICES = (
    *("apigateway", "ec2", "events", "iam", "kms", "lambda", "logs", "monitoring", "s3"),
    *("scheduler", "secretsmanager", "sns", "sqs", "sts"),
)


def cloud(port: int, folder: Path) -> Program:
    """The emulator, which checks signatures and the policies of roles; nothing of it stays."""
    environment = {
        "AUTH": "true",
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "SERVICES": ",".join(SERVICES),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "S3_DATA_DIR": str(folder / "s3"),
        "STATE_DIR": str(folder / "state"),
        "TMPDIR": str(folder),
        "AWS_ACCESS_KEY_ID": ROOT_KEY,
        "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
    }
    return Program(
        name="cloud",
        command=[str(programs.PARTS / "ministack")],
        environment={**programs.plain_environment(), **environment},
        is_ready=lambda: programs.answers(f"{HOST}:{port}", "/_ministack/health"),
    )


def front(port: int, gateway: str) -> Program:
    """What hands requests on to a gateway of the emulator."""
    address = urlsplit(gateway)
    return Program(
        name="front",
        command=[sys.executable, "-m", "local.front", str(port), address.netloc, address.path],
        environment={**programs.plain_environment(), "PYTHONPATH": str(programs.ROOT)},
        is_ready=lambda: programs.answers(f"{HOST}:{port}", "/health"),
    )


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployed registry: what `iac/aws` says of it, and the programs that it stands on."""

    home: Home
    stack: Stack
    variables: Mapping[str, Any]
    outputs: Mapping[str, Any]
    processes: Processes
    ports: Mapping[str, int]

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.ports['front']}"

    @property
    def cloud(self) -> str:
        """Where the emulator answers the calls of SDKs."""
        return f"http://{HOST}:{self.ports['cloud']}"


@contextmanager
def deployed(
    home: Home, port: int, *, stopped: Callable[[], bool] = lambda: False
) -> Iterator[Deployment]:
    """A registry that is deployed for as long as the block runs, with the namespace `default` and
    a grant in it for each group of the development issuer.

    Raises `ProgramFailed`, `BuildFailed` or `TerraformFailed`.
    """
    ports = {
        "front": port,
        **choose(("cloud", "database", "issuer"), port, home.remembered_ports()),
    }
    home.remember_ports(ports)
    processes = Processes(home.logs)
    with tempfile.TemporaryDirectory(prefix="modelry-cloud-") as scratch:
        parts = [
            programs.issuer(ports["issuer"], home.issuer),
            programs.database(ports["database"], Path(scratch) / "database"),
            cloud(ports["cloud"], Path(scratch)),
        ]
        try:
            fresh = processes.start(parts)
            python = str(programs.PARTS / "python")
            package = build(ARCHITECTURES[platform.machine()], python, home.folder)
            processes.wait_until_ready(fresh, stopped=stopped)
            variables = _variables(home, package.path, ports)
            stack = Stack.copied_to(home.folder / "terraform", f"http://{HOST}:{ports['cloud']}")
            outputs = stack.apply(variables)
            prepare_database(_settings(variables))
            fresh = processes.start([front(port, str(outputs["url"]))])
            processes.wait_until_ready(fresh, stopped=stopped)
            deployment = Deployment(home, stack, variables, outputs, processes, ports)
            _note(deployment)
            yield deployment
        finally:
            processes.stop()
            home.forget_running()


def _variables(home: Home, package: Path, ports: Mapping[str, int]) -> dict[str, Any]:
    """What the infrastructure is told."""
    issuer = {
        "name": SHORT_NAME,
        "url": f"http://{HOST}:{ports['issuer']}",
        "audience": AUDIENCE,
        "client_id": CLI,
    }
    return {
        "package": str(package),
        "issuers": [issuer],
        "admins": [f"group:{SHORT_NAME}:{GROUPS['admin']}"],
        "mongodb_uri": programs.database_uri(ports["database"]),
        "audit_key": home.audit_key(),
        "token_peppers": f"local:{home.token_pepper()}",
        "relay_keys": f"local:{home.relay_key()}",
        "settings": {
            "MONGODB_WALKS_INDEXES": "false",
            "PUBLIC_URL": f"http://{HOST}:{ports['front']}",
        },
        "force_destroy": True,
    }


def _settings(variables: Mapping[str, Any]) -> Settings:
    """What a first start needs to know: the database, and nothing of a store."""
    return Settings(
        mongodb_uri=variables["mongodb_uri"],
        mongodb_walks_indexes=False,
        s3_endpoint=f"http://{HOST}:1",
        s3_access_key="",
        s3_secret_key="",
    )


def _note(deployment: Deployment) -> None:
    """For `make token` and the next start."""
    issuer = str(deployment.variables["issuers"][0]["url"])
    running = [(each.program.name, each.pid) for each in deployment.processes.running]
    deployment.home.note_running({"api": deployment.url, "issuer": issuer}, running)


def main() -> int:
    """Run until told to stop; return the exit status."""
    stop = Stop()
    folder = Path(os.environ.get("DATA_DIR") or ".modelry-deployed").resolve()
    home = Home(folder)
    try:
        with home.lock():
            home.end_leftovers()
            began = time.monotonic()
            port = check_port(os.environ.get("PORT") or "8080")
            print("Deploying iac/aws to an emulator; this takes a minute or two ...", flush=True)
            with deployed(home, port, stopped=stop.asked) as deployment:
                print(_screen(deployment, time.monotonic() - began), flush=True)
                while not stop.asked():
                    deployment.processes.check()
                    time.sleep(WATCH_SECONDS)
                print("\nStopping ...", flush=True)
    except InUse:
        print(f"Something runs with DATA_DIR={folder} already.", file=sys.stderr)
        return 1
    except (BuildFailed, CannotStart, ProgramFailed, TerraformFailed) as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    print("Stopped.")
    return 0


def _screen(deployment: Deployment, seconds: float) -> str:
    outputs, folder = deployment.outputs, os.path.relpath(deployment.home.folder)
    setting = f" DATA_DIR={folder}"
    return f"""
Modelry is deployed ({seconds:.0f} s).

  API          {deployment.url}/api/v1
  gateway      {outputs["url"]}
  bucket       {outputs["bucket"]}
  functions    {", ".join(outputs["functions"].values())}
  cloud        {deployment.cloud}  (aws --endpoint-url of it; keys: {ROOT_KEY}, {ROOT_KEY})
  logs         {folder}/logs

In another terminal:

  .venv/bin/modelry login {deployment.url}
  make token{setting}           a token for curl (ROLE=reader, writer, ...)
  make demo{setting}            train a model, push it, pull it elsewhere

Ctrl-C ends it; nothing of it stays.
"""


if __name__ == "__main__":
    sys.exit(main())
