"""Reading stored files wherever they lie: with a run, a logged model or a version."""

from dataclasses import dataclass

from core.domain.pages import Page, PageRequest
from core.domain.versions import ByNumber
from core.errors import Invalid
from core.ports import Entry, SignedRequest
from handlers.api.mlflow.roots import LoggedPlace, Place
from handlers.api.mlflow.routes import Asked

WHOLE_PAGE = 1_000
MOST_ENTRIES = 20_000


@dataclass(frozen=True, slots=True)
class Fetched:
    """The request that fetches a file, and its size."""

    request: SignedRequest
    size_bytes: int


def page_of(asked: Asked, place: Place, request: PageRequest) -> Page[Entry]:
    """What lies in a folder; nothing in a file, or where there is none."""
    if isinstance(place, LoggedPlace):
        return asked.registry.logged_files.page(asked.caller, place.owner, place.path, request)
    version = asked.registry.versions.with_id(asked.caller, asked.namespace, place.version_id)
    number = ByNumber(version.number)
    return asked.registry.manifests.folder(
        asked.caller, asked.namespace, version.model, number, place.path, request
    )


def all_of(asked: Asked, place: Place) -> list[Entry]:
    """All that lies in a folder, for clients that know no pages. Raises `Invalid` for more than
    an answer can hold."""
    found: list[Entry] = []
    token: str | None = None
    while True:
        page = page_of(asked, place, PageRequest(WHOLE_PAGE, token))
        found += page.items
        token = page.next_token
        if token is None:
            return found
        if len(found) >= MOST_ENTRIES:
            raise Invalid(
                f"There are more than {MOST_ENTRIES} files in this folder.",
                next_step="Ask for it a page at a time, or keep files in several folders.",
            )


def fetched(asked: Asked, place: Place) -> Fetched:
    """How to fetch a file. Raises `NotFound`, and `Invalid` for a folder."""
    if isinstance(place, LoggedPlace):
        found = asked.registry.logged_files.get(asked.caller, place.owner, place.path)
        return Fetched(found.request, found.size_bytes)
    version = asked.registry.versions.with_id(asked.caller, asked.namespace, place.version_id)
    number = ByNumber(version.number)
    download = asked.registry.downloads.get(
        asked.caller, asked.namespace, version.model, number, place.path
    )
    return Fetched(download.request, download.file.size_bytes)
