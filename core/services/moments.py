"""Finding what a request names as it was at a moment, from the events alone."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from core.domain.access import no_model, no_namespace
from core.domain.common import Described
from core.domain.deployments import Deployment
from core.domain.environments import Environment
from core.domain.experiments import Experiment
from core.domain.logged_models import LoggedModel
from core.domain.models import RegisteredModel
from core.domain.moments import shown as time_shown
from core.domain.namespaces import Namespace
from core.domain.orders import ID, Order
from core.domain.pages import Page, PageRequest
from core.domain.records import restore
from core.domain.retention import READABLE, Retention, Shown
from core.domain.runs import Run
from core.domain.search import Tree
from core.domain.semantic_versions import parse_version
from core.domain.subjects import (
    Subject,
    model_subject,
    namespace_subject,
    subject_of,
    version_subject,
)
from core.domain.versions import (
    ByAlias,
    ByDigest,
    ByFingerprint,
    ByNumber,
    ByStage,
    ByVersion,
    Compatible,
    Latest,
    ModelVersion,
    VersionReference,
    VersionState,
)
from core.errors import NotFound
from core.ports import Numbered, Stores

E = TypeVar("E", bound=Described)
S = TypeVar("S")
N = TypeVar("N", Environment, Deployment, Experiment, Run, LoggedModel)
K = TypeVar("K", str, int)

_CHUNK = 100


def state_at(stores: Stores, subject: Subject, kind: type[S], at: datetime) -> S | None:
    """The entity as it was at the moment, in one query; None if it was not there."""
    event = stores.events.last(subject, at=at)
    return None if event is None or event.after is None else restore(kind, event.after)


def entity_at(stores: Stores, subject: Subject, now: E, at: datetime) -> E:
    """What is `now` known under the subject as it was then, or `NotFound`."""
    found = state_at(stores, subject, type(now), at)
    if found is None:
        raise _not_yet(f"{subject.kind} {subject.name!r}", at, now)
    return found


def namespace_at(stores: Stores, name: str, at: datetime) -> Namespace:
    """The namespace then, or `NotFound`."""
    found = state_at(stores, namespace_subject(name), Namespace, at)
    if found is None:
        there = stores.namespaces.get(name)
        if there is None:
            raise no_namespace(name)
        raise _not_yet(f"namespace {name!r}", at, there)
    return found


def model_at(stores: Stores, namespace: str, name: str, at: datetime) -> RegisteredModel:
    """The model then, or `NotFound`."""
    found = state_at(stores, model_subject(namespace, name), RegisteredModel, at)
    if found is None:
        there = stores.models.get(namespace, name)
        if there is None:
            raise no_model(namespace, name)
        found = _formerly(stores, there, at)
        if found is None:
            raise _not_yet(f"model {name!r} in the namespace {namespace!r}", at, there)
    _check_was_there(f"The model {name!r}", found, at)
    return found


def _formerly(stores: Stores, model: RegisteredModel, at: datetime) -> RegisteredModel | None:
    """What the model was under a name that it had before, or None."""
    for name in reversed(model.former_names):
        found = state_at(stores, model_subject(model.namespace, name), RegisteredModel, at)
        if found is not None and found.id == model.id:
            return replace(found, name=model.name, former_names=model.former_names)
    return None


def version_at(
    stores: Stores, namespace: str, model: str, reference: VersionReference, at: datetime
) -> ModelVersion:
    """The version that the reference named then, as it was then, or `NotFound`."""
    owner = model_at(stores, namespace, model, at)
    match reference:
        case ByNumber(number):
            return _numbered(stores, owner, number, at)
        case ByAlias(alias):
            if alias not in owner.aliases:
                known = ", ".join(f"@{name}" for name in sorted(owner.aliases)[:10])
                raise NotFound(
                    f"The model {model!r} had no alias {alias!r} at {time_shown(at)}.",
                    next_step=f"Its aliases then: {known or 'none'}.",
                )
            return _numbered(stores, owner, owner.aliases[alias], at)
        case ByStage(stage) if stage is not None and stage in owner.stages:
            return _numbered(stores, owner, owner.stages[stage], at)
        case Compatible(releases):
            there = filter(_is_ready(Retention.ACTIVE), versions_at(stores, owner, at))
            keys = [(_release_key(version), version) for version in there]
            fit = [row for row in keys if releases.least.key <= row[0] < releases.end.key]
            if fit:
                return max(fit, key=lambda row: row[0])[1]
        case Latest() | ByStage() | ByDigest() | ByFingerprint() | ByVersion():
            found = next(filter(_chosen(reference), versions_at(stores, owner, at)), None)
            if found is not None:
                return found
    raise NotFound(
        f"The model {model!r} had no such version at {time_shown(at)}.",
        next_step="List its versions as of that time.",
    )


def versions_at(
    stores: Stores,
    model: RegisteredModel,
    at: datetime,
    *,
    before: int | None = None,
    shown: Shown = Shown.READABLE,
) -> Iterator[ModelVersion]:
    """The versions of a model (as it was then) as they were then, newest first."""
    top = model.last_version if before is None else min(model.last_version, before - 1)
    for first in range(top, 0, -_CHUNK):
        numbers = range(first, max(0, first - _CHUNK), -1)
        found: dict[int, ModelVersion] = {}
        for name in (*model.former_names, model.name):
            subjects = [version_subject(model.namespace, name, number) for number in numbers]
            states = states_at(stores, subjects, ModelVersion, at)
            found |= {each.number: each for each in states if each.model_id == model.id}
        named = (replace(each, model=model.name) for each in found.values())
        for version in sorted(named, key=lambda version: -version.number):
            if shown.holds(version.retention):
                yield version


def page_at(
    stores: Stores,
    current: Callable[[K | None, int], Sequence[E]],
    name_of: Callable[[E], K],
    keep: Callable[[E], bool],
    *,
    at: datetime,
    after: K | None,
    limit: int,
) -> list[E]:
    """A page of what was there, by name or id: what there is now (things leave their names behind),
    each as it was then."""
    rows: list[E] = []
    while len(rows) < limit:
        names = current(after, limit)
        subjects = [subject_of(each) for each in names if each.created_at <= at]
        kind = type(names[0]) if names else None
        found = (
            {}
            if kind is None
            else {subject_of(each): each for each in states_at(stores, subjects, kind, at)}
        )
        rows += [found[each] for each in subjects if each in found and keep(found[each])]
        if len(names) < limit:
            break
        after = name_of(names[-1])
    return rows[:limit]


def numbered_page_at(
    stores: Stores,
    store: Numbered[N],
    namespace: str,
    tree: Tree | None,
    request: PageRequest,
    at: datetime,
    *,
    keep: Callable[[N], bool] = lambda entity: True,
) -> Page[N]:
    """A page of what there was of a noun, as it was then, oldest first: of what there is now that
    the tree matches. Raises `NotFound` if there is no such namespace."""
    query = ("numbered-at", namespace, str(at), type(store).__name__, repr(tree))
    after = request.after_number(*query)

    def current(start: int | None, limit: int) -> Sequence[N]:
        return store.search(
            [namespace],
            tree,
            orders=[Order(ID)],
            after=None if start is None else (start,),
            limit=limit,
            shown=Shown.EVERYTHING,
        )

    def number_of(entity: N) -> int:
        return entity.id

    rows = page_at(stores, current, number_of, keep, at=at, after=after, limit=request.size + 1)
    if not rows and after is None:
        namespace_at(stores, namespace, at)
    return request.page(rows, number_of, *query)


def states_at(stores: Stores, subjects: Sequence[Subject], kind: type[E], at: datetime) -> list[E]:
    """Those of the subjects that were there at the moment, as they were, in one query."""
    events = stores.events.last_of_each(subjects, at=at)
    return [restore(kind, event.after) for event in events if event.after is not None]


def _numbered(stores: Stores, model: RegisteredModel, number: int, at: datetime) -> ModelVersion:
    found = None
    for name in (model.name, *reversed(model.former_names)):
        subject = version_subject(model.namespace, name, number)
        found = state_at(stores, subject, ModelVersion, at)
        if found is not None and found.model_id == model.id:
            found = replace(found, model=model.name)
            break
        found = None
    if found is None:
        raise NotFound(
            f"The model {model.name!r} had no version {number} at {time_shown(at)}.",
            next_step=f"Its highest number then was {model.last_version}.",
        )
    _check_was_there(f"Version {number} of {model.name!r}", found, at)
    return found


def _chosen(
    reference: Latest | ByStage | ByDigest | ByFingerprint | ByVersion,
) -> Callable[[ModelVersion], bool]:
    match reference:
        case Latest():
            return _is_ready(Retention.ACTIVE)
        case ByStage(stage):
            return lambda version: version.stage == stage and _is_ready()(version)
        case ByDigest(digest):
            return lambda version: version.digest == digest and _is_ready()(version)
        case ByFingerprint(fingerprint):
            return lambda version: version.fingerprint == fingerprint and _is_ready()(version)
        case ByVersion(wanted):
            return lambda version: (
                version.version is not None and parse_version(version.version).key == wanted.key
            )


def _is_ready(*retentions: Retention) -> Callable[[ModelVersion], bool]:
    return lambda version: (
        version.state is VersionState.READY and version.retention in (retentions or READABLE)
    )


def _release_key(version: ModelVersion) -> str:
    if version.version is None:
        return ""
    parsed = parse_version(version.version)
    return "" if parsed.prerelease else parsed.key


def _check_was_there(what: str, kept: RegisteredModel | ModelVersion, at: datetime) -> None:
    if kept.retention not in READABLE:
        raise NotFound(
            f"{what} was deleted at {time_shown(at)}, since {time_shown(kept.updated_at)}.",
            next_step="Ask for a time before that.",
        )


def _not_yet(what: str, at: datetime, now: Described) -> NotFound:
    return NotFound(
        f"There was no {what} at {time_shown(at)}.",
        next_step=f"The first that is known of it is from {time_shown(now.created_at)}.",
    )
