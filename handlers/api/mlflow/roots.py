"""What the addresses of stored files name: `mlflow-artifacts:/…`, below the registry's own URL.

`1/7/artifacts/plots/roc.png` is a file of run 7, `1/models/m-…/artifacts/MLmodel` one of a logged
model, `versions/12/MLmodel` one of the version with that id.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from core.domain.logged_files import FileOwner, OwnerKind
from core.errors import Invalid, NotFound

_RUN = re.compile(r"[0-9]+/([0-9a-f]+)/artifacts(?:/(.*))?", re.DOTALL)
_LOGGED_MODEL = re.compile(r"[0-9]+/models/(m-[0-9a-f]+)/artifacts(?:/(.*))?", re.DOTALL)
_VERSION = re.compile(r"versions/([1-9][0-9]{0,8})(?:/(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LoggedPlace:
    """A path in what a run or a logged model keeps; empty for all of it."""

    owner: FileOwner
    path: str


@dataclass(frozen=True, slots=True)
class VersionPlace:
    """A path in the files of the version with this decimal id; empty for all of them."""

    version_id: int
    path: str


Place = LoggedPlace | VersionPlace


def place_in(namespace: str, address: str) -> Place | None:
    """What an address below the root of all artifacts names; None if nothing can lie there.

    Raises `Invalid` for one that climbs, however it is written.
    """
    path = safe(address).rstrip("/")
    for pattern, kind in ((_RUN, OwnerKind.RUN), (_LOGGED_MODEL, OwnerKind.LOGGED_MODEL)):
        if found := pattern.fullmatch(path):
            return LoggedPlace(FileOwner(namespace, kind, found[1]), found[2] or "")
    if found := _VERSION.fullmatch(path):
        return VersionPlace(int(found[1]), found[2] or "")
    return None


def logged_place(namespace: str, address: str) -> LoggedPlace:
    """Where something can be written. Raises `Invalid` for what climbs or is a version's, and
    `NotFound` for what is nobody's."""
    place = place_in(namespace, address)
    if isinstance(place, VersionPlace):
        raise Invalid(
            "The files of a version never change.",
            next_step="Log to a run, and register another version of what it logged.",
        )
    if place is None:
        raise nowhere(address)
    return place


def nowhere(address: str) -> NotFound:
    """The error for an address that nothing can have."""
    return NotFound(
        f"There is nothing at {address[:200]!a}.",
        next_step="Artifacts lie where the artifact URI of their run or logged model says.",
    )


def run_place(namespace: str, run_id: str, path: str) -> LoggedPlace:
    """A path in what a run keeps. Raises `Invalid` for one that climbs."""
    return LoggedPlace(FileOwner(namespace, OwnerKind.RUN, run_id), safe(path).rstrip("/"))


def model_place(namespace: str, model_id: str, path: str) -> LoggedPlace:
    """A path in what a logged model keeps. Raises `Invalid` for one that climbs."""
    owner = FileOwner(namespace, OwnerKind.LOGGED_MODEL, model_id)
    return LoggedPlace(owner, safe(path).rstrip("/"))


def logged_model_root(experiment_id: str, model_id: str) -> str:
    """The URI of all files of a logged model."""
    return f"mlflow-artifacts:/{experiment_id}/models/{model_id}/artifacts"


def run_root(experiment_id: str, run_id: str) -> str:
    """The URI of all files of a run."""
    return f"mlflow-artifacts:/{experiment_id}/{run_id}/artifacts"


def safe(path: str) -> str:
    """The path as it is, unless it climbs, is absolute or holds `#`, decoded as often as it can
    be: then it raises `Invalid`."""
    seen = path
    while True:
        if seen.startswith("/") or "#" in seen or "\\" in seen or ".." in seen.split("/"):
            raise Invalid(
                f"Invalid path {path[:60]!a}.",
                next_step="Write it relative to the root of the artifacts, without '..'.",
            )
        decoded = unquote(seen)
        if decoded == seen:
            return path
        seen = decoded
