"""What a push records of its own accord: the environment, and the code's place in git."""

import hashlib
import importlib.metadata
import os
import platform
import subprocess
from typing import Any
from urllib.parse import urlsplit, urlunsplit

PACKAGES = (
    "accelerate", "catboost", "cloudpickle", "datasets", "diffusers", "gensim", "jax", "jaxlib",
    "joblib", "keras", "lightgbm", "numpy", "onnx", "onnxruntime", "pandas", "peft", "polars",
    "prophet", "pyarrow", "pyspark", "safetensors", "scikit-learn", "scipy",
    "sentence-transformers", "skops", "spacy", "statsmodels", "tensorflow", "tokenizers", "torch",
    "torchvision", "transformers", "xgboost",
)  # fmt: skip
GIT_SECONDS = 10
# Plain, whatever the user's settings say: the same changes must give the same text.
_DIFF = ("diff", "HEAD", "--binary", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames",
         "--src-prefix=a/", "--dst-prefix=b/", "--unified=3", "--diff-algorithm=myers",
         "--submodule=short", "--full-index", "--no-relative")  # fmt: skip


def record_environment() -> dict[str, Any]:
    """Python, platform, and the versions of the packages that models are made with, if here."""
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "operating_system": platform.system(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "packages": versions,
    }


def record_code(directory: str | os.PathLike[str] = ".") -> dict[str, Any]:
    """The git commit, branch, remote (without credentials) and whether files differ from it.

    If they do, `diff_sha256` is the digest of how (`git diff HEAD`), so that the same changes
    are recognised. Empty outside of a repository, or where there is no git.
    """
    commit = _git(directory, "rev-parse", "HEAD")
    if not commit:
        return {}
    code: dict[str, Any] = {
        "commit": commit,
        "dirty": bool(_git(directory, "status", "--porcelain", "--untracked-files=no")),
    }
    if code["dirty"] and (difference := _output_of_git(directory, *_DIFF)):
        code["diff_sha256"] = hashlib.sha256(difference).hexdigest()
    branch = _git(directory, "symbolic-ref", "--short", "-q", "HEAD")
    remote = _git(directory, "config", "--get", "remote.origin.url")
    if branch:
        code["branch"] = branch
    if remote:
        code["repository"] = without_credentials(remote)
    return code


def without_credentials(remote: str) -> str:
    """The address of a git remote without user name, password, query or fragment."""
    if "://" not in remote:
        return remote.rpartition("@")[2]
    parts = urlsplit(remote)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _git(directory: str | os.PathLike[str], *arguments: str) -> str:
    return _output_of_git(directory, *arguments).decode(errors="replace").strip()


def _output_of_git(directory: str | os.PathLike[str], *arguments: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", "-C", os.fspath(directory), *arguments],
            capture_output=True,
            timeout=GIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return b""
    return done.stdout if done.returncode == 0 else b""
