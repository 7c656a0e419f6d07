"""Operations on artifacts of all kinds."""

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from core.domain.access import Caller
from core.domain.artifacts import Artifact
from core.domain.retention import Shown
from core.domain.search import And, Path, Tree, all_of
from core.domain.versions import ByNumber
from core.errors import Invalid
from core.registry import Registry
from core.services.search import Question
from handlers.api.dependencies import CurrentCaller, CurrentRegistry
from handlers.api.kubeflow.filters import Known, identity, parse_filter, words
from handlers.api.kubeflow.known import COMMON, ExternalId, ParentId, being, the_one
from handlers.api.kubeflow.lists import ONE, Listing, Wanted, answered, listed
from handlers.api.kubeflow.routes import group
from handlers.api.kubeflow.scope import CurrentNamespace, one_of, parse_id
from handlers.api.kubeflow.wire.artifacts import (
    KINDS,
    STATES,
    AnyArtifact,
    ArtifactBody,
    artifact,
    detail_names,
)

router = group("artifacts")

KNOWN = {
    **COMMON,
    "uri": Known(Path("uri")),
    "digest": Known(Path("digest")),
    "state": words(Path("state"), {word: state.value for word, state in STATES.items()}),
    "experimentId": Known(Path("experiment_id"), identity),
    "experimentRunId": Known(Path("run_id"), identity),
    **{outside: Known(Path("details", (key,))) for outside, key in detail_names().items()},
}
ArtifactType = Annotated[str | None, Query(alias="artifactType")]


def shown(request: Request, registry: Registry, entity: Artifact) -> dict[str, object]:
    """An artifact, as the generation that is asked writes it."""
    is_first = request.scope.get("root_path", "").endswith("v1alpha3")
    return artifact(entity, registry.artifacts.uri_of(entity), is_first=is_first)


@router.get("/artifact")
def find_artifact(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    name: str | None = None,
    external_id: ExternalId = None,
    parent: ParentId = None,
) -> Response:
    """The artifact of this name in its version, else of this external id."""
    return answered(find(request, registry, caller, namespace, name, external_id, parent))


@router.get("/artifacts")
def get_artifacts(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    wanted: Wanted,
    artifact_type: ArtifactType = None,
) -> Response:
    """All artifacts, a page at a time."""
    return page_of(request, registry, caller, namespace, wanted, kind_of(artifact_type))


@router.post("/artifacts", status_code=201)
def create_artifact(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    body: AnyArtifact,
) -> Response:
    """Keep an artifact that belongs to no version yet."""
    made = registry.attachments.register(caller, namespace, body.what())
    return answered(shown(request, registry, made), 201)


@router.get("/artifacts/{artifact_id}")
def get_artifact(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    artifact_id: str,
) -> Response:
    """An artifact by its id."""
    found = registry.artifacts.with_id(caller, namespace, parse_id(artifact_id))
    return answered(shown(request, registry, found))


@router.patch("/artifacts/{artifact_id}")
def update_artifact(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    artifact_id: str,
    body: AnyArtifact,
) -> Response:
    """Change what is sent; the type has to be repeated, and stays."""
    found = registry.artifacts.with_id(caller, namespace, parse_id(artifact_id))
    return answered(shown(request, registry, changed(registry, caller, found, body)))


@router.get("/model_versions/{model_version_id}/artifacts")
def get_model_version_artifacts(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    model_version_id: str,
    wanted: Wanted,
    name: str | None = None,
    external_id: ExternalId = None,
    artifact_type: ArtifactType = None,
) -> Response:
    """The artifacts of a version, a page at a time."""
    version = registry.versions.with_id(caller, namespace, parse_id(model_version_id))
    more = (
        being("version_id", version.id),
        being("name", name) if name else None,
        being("external_id", external_id) if external_id else None,
    )
    kind = kind_of(artifact_type)
    return page_of(request, registry, caller, namespace, wanted, kind, *more)


@router.post("/model_versions/{model_version_id}/artifacts", status_code=201)
def upsert_model_version_artifact(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    model_version_id: str,
    body: AnyArtifact,
) -> Response:
    """Attach an artifact to a version: the one whose `id` is sent, else a new one. A metric or
    parameter of the same name is changed."""
    version = registry.versions.with_id(caller, namespace, parse_id(model_version_id))
    place = (caller, namespace, version.model)
    if body.id:
        found = registry.artifacts.with_id(caller, namespace, parse_id(body.id))
        check_type(found, body)
        patch = body.patch_of(found, registry.artifacts.uri_of(found))
        kept = registry.attachments.adopt(*place, version.number, found.id, patch)
        return answered(shown(request, registry, kept))
    reference = ByNumber(version.number)
    made = registry.attachments.attach(*place, reference, body.what(), replaces=True)
    is_new = made.revision == 1
    return answered(shown(request, registry, made), 201 if is_new else 200)


def kind_of(artifact_type: str | None) -> str | None:
    """The kind of Kubeflow's word, None for none. Raises `Invalid` for another word."""
    if artifact_type is not None and artifact_type not in KINDS:
        raise Invalid(
            f"{artifact_type[:40]!a} is no artifactType.",
            next_step=f"Choose one of: {', '.join(KINDS)}.",
        )
    return None if artifact_type is None else KINDS[artifact_type]


def changed(registry: Registry, caller: Caller, before: Artifact, body: ArtifactBody) -> Artifact:
    """The artifact after what was sent. Raises `Invalid` for another type."""
    check_type(before, body)
    return registry.attachments.update(
        caller,
        before.namespace,
        before.id,
        body.patch_of(before, registry.artifacts.uri_of(before)),
        expected_revision=before.revision,
    )


def check_type(before: Artifact, body: ArtifactBody) -> None:
    """Raise `Invalid` if the body is of another type than the artifact."""
    if KINDS[body.type] != before.kind:
        raise Invalid(
            f"The artifact {before.id} is a {before.kind}, not of the type {body.type}.",
            next_step="The type of an artifact cannot be changed.",
        )


def find(
    request: Request,
    registry: Registry,
    caller: Caller,
    namespace: str,
    name: str | None,
    external_id: str | None,
    parent: str | None,
    kind: str | None = None,
) -> dict[str, object]:
    """The artifact of this name in its version, else of this external id. Raises `NotFound`,
    `Invalid`."""
    one_of(name, external_id)
    if name and not parent:
        raise Invalid(
            "An artifact's name is known in its version only.",
            next_step="Give parentResourceId as well, or an externalId.",
        )
    if name and parent:
        condition: Tree = And((being("version_id", parse_id(parent)), being("name", name)))
    else:
        condition = being("external_id", external_id or "")
    question = Question(
        filter=all_of(condition, being("kind", kind) if kind else None),
        namespaces=[namespace],
        shown=Shown.READABLE,
    )
    found = registry.search.artifacts(caller, question, ONE).page.items
    return shown(request, registry, the_one(found, "artifact", name or external_id))


def page_of(
    request: Request,
    registry: Registry,
    caller: Caller,
    namespace: str,
    wanted: Listing,
    kind: str | None,
    *more: Tree | None,
) -> Response:
    """A page of the artifacts of a kind, if any, that meet all of these conditions."""
    question = Question(
        filter=all_of(
            *more, being("kind", kind) if kind else None, parse_filter(wanted.filter, KNOWN)
        ),
        orders=wanted.orders,
        namespaces=[namespace],
        shown=Shown.READABLE,
    )
    found = registry.search.artifacts(caller, question, wanted.request)
    return listed(found.page, lambda each: shown(request, registry, each), wanted)
