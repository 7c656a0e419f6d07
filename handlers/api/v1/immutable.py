"""What of a version never changes, and how answers say so (docs/decisions, what may be cached)."""

from collections.abc import Collection

from starlette.responses import Response

from core.domain.versions import ByDigest, ByNumber, ByVersion, ModelVersion, VersionReference
from handlers.api.conditional import EntityTags

FOR_EVER = "private, max-age=31536000, immutable"
FORM = "1"
"""Of the JSON of a manifest. Raise it when a page of files looks different."""


def manifest_tag(digest: str) -> str:
    """The ETag of each page of the manifest with this digest."""
    return f'"{FORM}-{digest}"'


def known_digests(known: EntityTags) -> Collection[str]:
    """The digests of manifests, in the present form, that the client has already."""
    start = f'"{FORM}-'
    tags = (tag.removeprefix("W/") for tag in known.tags)
    return {tag[len(start) : -1] for tag in tags if tag.startswith(start)}


def unchanging(page: Response | None, digest: str | None, reference: VersionReference) -> Response:
    """A page of a manifest, or 304 without one; with a digest it is marked as never changing."""
    answer = Response(status_code=304) if page is None else page
    if digest is not None:
        answer.headers["ETag"] = manifest_tag(digest)
        is_pinned = isinstance(reference, ByDigest)
        answer.headers["Cache-Control"] = FOR_EVER if is_pinned else "private, no-cache"
        answer.headers["Vary"] = "Authorization"
    return answer


def version_tag(reference: VersionReference, version: ModelVersion) -> str:
    """The ETag of a version as this reference names it.

    Where the reference may lead to another version tomorrow, revisions of two versions would be
    mistaken for each other: so the number goes before it.
    """
    if isinstance(reference, ByNumber | ByVersion):
        return f'"{version.revision}"'
    return f'"{version.number}.{version.revision}"'
