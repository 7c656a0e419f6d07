"""What is deployed, built once for this machine."""

import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from iac.package import Package, build
from local.sandbox import unpacked

MACHINES = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The zip for this machine and this Python."""
    folder = tmp_path_factory.mktemp("package")
    return build(MACHINES[platform.machine()], sys.executable, folder)


@pytest.fixture(scope="session")
def task(package: Package) -> Iterator[Path]:
    """The zip unpacked, as a function finds it: nobody can write to it."""
    with unpacked(package.path) as folder:
        yield folder
