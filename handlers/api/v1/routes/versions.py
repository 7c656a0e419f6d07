"""Operations on model versions and their files."""

import base64
from typing import Annotated
from urllib.parse import quote

from fastapi import Path, Request
from starlette.responses import Response

from core.domain.versions import OnRepeat, parse_reference
from handlers.api.conditional import known_tags
from handlers.api.dependencies import (
    AsOf,
    CreatingCaller,
    CurrentCaller,
    CurrentPage,
    CurrentRegistry,
    Forced,
    Included,
    Reason,
)
from handlers.api.revisions import ExpectedVersion, OptionalVersion
from handlers.api.v1.answers import answers, page, single
from handlers.api.v1.deprecated import warning_headers
from handlers.api.v1.immutable import known_digests, unchanging, version_tag
from handlers.api.v1.narrowing import NEWEST_FIRST, Narrowed
from handlers.api.v1.references import number_of
from handlers.api.v1.routes import group
from handlers.api.v1.wire.common import Patch
from handlers.api.v1.wire.versions import NewVersion, download, file, model_version

router = group("versions", "/namespaces/{namespace}/models/{model}/versions")

Reference = Annotated[
    str,
    Path(
        description="A number (3), a semantic version (1.2.0, ==1.2.0, ~=1.2), an alias"
        " (@champion), latest, a digest (sha256:…) or a fingerprint (fingerprint:…)."
    ),
]


@router.get("", openapi_extra=answers((200, "ModelVersionPage")))
def page_versions(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    wanted: CurrentPage,
    shown: Included,
    as_of: AsOf,
    narrowed: Narrowed,
) -> Response:
    """The versions of a model, newest first unless ordered otherwise."""
    question = narrowed.question(namespace, model=model, by=NEWEST_FIRST, shown=shown, as_of=as_of)
    if question is not None:
        return page(registry.search.versions(caller, question, wanted).page, model_version)
    found = registry.versions.page(caller, namespace, model, wanted, shown=shown, as_of=as_of)
    return page(found, model_version)


@router.post(
    "",
    status_code=201,
    openapi_extra=answers((201, "ModelVersion"), (200, "ModelVersion"), problems=(409,)),
)
def register_version(
    request: Request,
    registry: CurrentRegistry,
    caller: CreatingCaller,
    namespace: str,
    model: str,
    body: NewVersion,
) -> Response:
    """Register the next version and declare its files. Needs the role writer.

    200 instead of 201: nothing was registered, since here is what you want. The header
    Modelry-Registration says why: `existing`, the same training is a ready version already
    (`on_repeat: new` registers another one); `resumed`, you have a pending version with exactly
    this content. With 201 it says `new`. 409: the semantic version given is taken, or too low
    for what changed. Reports of evaluations may come along; they are registered with the version,
    or with the one that is there.
    """
    declarations = [declared.declaration() for declared in body.files]
    done = registry.versions.register(
        caller,
        namespace,
        model,
        body.described(),
        declarations,
        version=body.version,
        name=body.name,
        number=body.number,
        on_repeat=OnRepeat(body.on_repeat),
        evaluations=body.evaluations,
    )
    version = done.version
    name = quote(version.model, safe="")
    return single(
        request,
        model_version(version),
        version.revision,
        status=201 if done.is_new else 200,
        location=f"/namespaces/{namespace}/models/{name}/versions/{version.number}",
        more_headers={"Modelry-Registration": done.outcome},
    )


@router.get("/{version}", openapi_extra=answers((200, "ModelVersion"), (304, None)))
def get_version(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: Reference,
    as_of: AsOf,
) -> Response:
    """A version, by whatever names it."""
    reference = parse_reference(version)
    found = registry.versions.get(caller, namespace, model, reference, as_of=as_of)
    headers = {"ETag": version_tag(reference, found), **warning_headers(request, found)}
    return single(request, model_version(found), found.revision, more_headers=headers)


@router.patch("/{version}", openapi_extra=answers((200, "ModelVersion"), problems=(412, 428)))
def update_version(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: Reference,
    body: Patch,
    expected: ExpectedVersion,
    reason: Reason,
) -> Response:
    """Change what describes a version; its build never changes. Needs the role writer."""
    reference = parse_reference(version)
    changed = registry.versions.update(
        caller,
        namespace,
        model,
        reference,
        body.patch(),
        expected_revision=expected.revision,
        expected_number=expected.number,
        reason=reason,
    )
    tag = {"ETag": version_tag(reference, changed)}
    return single(request, model_version(changed), changed.revision, more_headers=tag)


@router.delete("/{version}", openapi_extra=answers((200, "ModelVersion"), problems=(409, 412)))
def delete_version(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: Reference,
    expected: OptionalVersion,
    reason: Reason,
) -> Response:
    """Delete a version, for a reason; until `purge_at` it can be undeleted. Needs the role owner.

    409 naming the aliases that point to it, if there are any.
    """
    number = expected.held_to(number_of(registry, caller, namespace, model, version))
    deleted = registry.deletions.delete_version(
        caller, namespace, model, number, reason=reason, expected_revision=expected.revision
    )
    return single(request, model_version(deleted), deleted.revision)


@router.get("/{version}/files", openapi_extra=answers((200, "FilePage"), (304, None)))
def page_files(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: Reference,
    wanted: CurrentPage,
    as_of: AsOf,
) -> Response:
    """The manifest of a version: its files by path, with sizes and digests.

    Of a ready version it never changes. By digest (sha256:…) it may be kept for ever.
    """
    reference = parse_reference(version)
    known = known_digests(known_tags(request))
    found = registry.manifests.page(
        caller, namespace, model, reference, wanted, known=known, as_of=as_of
    )
    body = None if found.page is None else page(found.page, file)
    return unchanging(body, found.digest, reference)


@router.get("/{version}/downloads", openapi_extra=answers((200, "DownloadPage"), problems=(409,)))
def page_downloads(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: Reference,
    wanted: CurrentPage,
    as_of: AsOf,
    forced: Forced,
) -> Response:
    """The manifest of a ready version, each file with an address that serves it for a while.

    409 for a retired version: `force=true` with a reason is for owners alone.
    """
    reference = parse_reference(version)
    found = registry.downloads.page(
        caller, namespace, model, reference, wanted, as_of=as_of, forced=forced
    )
    warning = warning_headers(request, found.items[0].version) if found.items else {}
    return page(found, download, {"Cache-Control": "no-store", **warning})


@router.get(
    "/{version}/files/{path:path}",
    status_code=307,
    openapi_extra=answers((307, None), problems=(409,)),
)
def get_file(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: Reference,
    path: str,
    as_of: AsOf,
    forced: Forced,
) -> Response:
    """Redirects to the bytes of one file of a ready version; ranges work there.

    409 for a retired version: `force=true` with a reason is for owners alone.
    """
    reference = parse_reference(version)
    found = registry.downloads.get(
        caller, namespace, model, reference, path, as_of=as_of, forced=forced
    )
    digest = base64.b64encode(bytes.fromhex(found.file.sha256)).decode()
    headers = {
        "Location": found.request.url,
        "Repr-Digest": f"sha-256=:{digest}:",
        "X-Modelry-Version": str(found.version.number),
        "Cache-Control": "no-store",
        **warning_headers(request, found.version),
    }
    return Response(status_code=307, headers=headers)
