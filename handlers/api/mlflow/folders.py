"""Reading stored files wherever they lie: with a run, a logged model or a version."""

from dataclasses import dataclass

from core.domain.access import Caller
from core.domain.pages import Page, PageRequest
from core.domain.versions import ByNumber
from core.errors import Invalid
from core.ports import Entry, SignedRequest
from core.registry import Registry
from handlers.api.mlflow.roots import LoggedPlace, Place

WHOLE_PAGE = 1_000
MOST_ENTRIES = 20_000


@dataclass(frozen=True, slots=True)
class Fetched:
    """The request that fetches a file, and its size."""

    request: SignedRequest
    size_bytes: int


def page_of(
    registry: Registry, caller: Caller, namespace: str, place: Place, request: PageRequest
) -> Page[Entry]:
    """What lies in a folder; nothing in a file, or where there is none."""
    if isinstance(place, LoggedPlace):
        return registry.logged_files.page(caller, place.owner, place.path, request)
    version = registry.versions.with_id(caller, namespace, place.version_id)
    number = ByNumber(version.number)
    return registry.manifests.folder(caller, namespace, version.model, number, place.path, request)


def all_of(registry: Registry, caller: Caller, namespace: str, place: Place) -> list[Entry]:
    """All that lies in a folder, for clients that know no pages. Raises `Invalid` for more than
    an answer can hold."""
    found: list[Entry] = []
    token: str | None = None
    while True:
        page = page_of(registry, caller, namespace, place, PageRequest(WHOLE_PAGE, token))
        found += page.items
        token = page.next_token
        if token is None:
            return found
        if len(found) >= MOST_ENTRIES:
            raise Invalid(
                f"There are more than {MOST_ENTRIES} files in this folder.",
                next_step="Ask for it a page at a time, or keep files in several folders.",
            )


def fetched(registry: Registry, caller: Caller, namespace: str, place: Place) -> Fetched:
    """How to fetch a file. Raises `NotFound`, and `Invalid` for a folder."""
    if isinstance(place, LoggedPlace):
        found = registry.logged_files.get(caller, place.owner, place.path)
        return Fetched(found.request, found.size_bytes)
    version = registry.versions.with_id(caller, namespace, place.version_id)
    number = ByNumber(version.number)
    download = registry.downloads.get(caller, namespace, version.model, number, place.path)
    return Fetched(download.request, download.file.size_bytes)
