"""Finding what a request names, or saying precisely what is not there."""

import re

from core.domain.access import Action, Caller, no_model, no_namespace
from core.domain.deletion import gone
from core.domain.deployments import Deployment
from core.domain.environments import Environment
from core.domain.experiments import Experiment
from core.domain.files import File
from core.domain.lifecycles import Lifecycle, default_lifecycle
from core.domain.logged_models import LoggedModel, read_logged_model_id
from core.domain.models import RegisteredModel
from core.domain.namespaces import Namespace
from core.domain.retention import READABLE
from core.domain.runs import Run
from core.domain.versions import (
    ByAlias,
    ByDigest,
    ByFingerprint,
    ByNumber,
    ByStage,
    ByVersion,
    Compatible,
    ModelVersion,
    VersionReference,
    VersionState,
)
from core.errors import Conflict, NotFound
from core.ports import Stores


def namespace_of(stores: Stores, name: str) -> Namespace:
    """The namespace, or `NotFound`."""
    namespace = stores.namespaces.get(name)
    if namespace is None:
        raise no_namespace(name)
    return namespace


def lifecycle_of(stores: Stores, namespace: str) -> Lifecycle:
    """The lifecycle that the namespace set, or the default one."""
    return stores.lifecycles.get(namespace) or default_lifecycle(namespace)


def model_of(stores: Stores, namespace: str, name: str) -> RegisteredModel:
    """The model, or `NotFound`."""
    model = stores.models.get(namespace, name)
    if model is None:
        raise no_model(namespace, name)
    if model.state not in READABLE:
        message, next_step = gone(f"The model {name!r}", model)
        raise NotFound(message, next_step=next_step)
    return model


def model_with_id(stores: Stores, caller: Caller, namespace: str, id: int) -> RegisteredModel:
    """The model of this id in the namespace if the caller may read it, or `NotFound`."""
    model = stores.models.with_id(namespace, id)
    if model is None or not caller.may(Action.MODEL_READ, namespace, model=model.name):
        raise NotFound(
            f"There is no model with the id {id} in the namespace {namespace!r}.",
            next_step="Check the id, or look the model up by its name.",
        )
    return model


def version_with_id(stores: Stores, caller: Caller, namespace: str, id: int) -> ModelVersion:
    """The version of this id in the namespace if the caller may read it, or `NotFound`."""
    version = stores.versions.with_id(namespace, id)
    if version is None or not caller.may(Action.MODEL_READ, namespace, model=version.model):
        raise NotFound(
            f"There is no version with the id {id} in the namespace {namespace!r}.",
            next_step="Check the id, or look the version up by its model and number.",
        )
    return version


def version_of(
    stores: Stores, namespace: str, model: str, reference: VersionReference
) -> ModelVersion:
    """The version in one query, or `NotFound` after a second one that finds out what is missing."""
    version = stores.versions.find(namespace, model, reference)
    if version is None and isinstance(reference, ByStage) and reference.stage is not None:
        lifecycle = lifecycle_of(stores, namespace)
        stored = ByStage(lifecycle.stored(lifecycle.stage(reference.stage)))
        version = None if stored == reference else stores.versions.find(namespace, model, stored)
    if version is None:
        found = model_of(stores, namespace, model)
        if isinstance(reference, ByNumber):
            deleted = stores.versions.get(namespace, model, reference.number)
            if deleted is not None:
                message, next_step = gone(f"Version {deleted.number} of {model!r}", deleted)
                raise NotFound(message, next_step=next_step)
        raise NotFound(
            f"The model {model!r} has no version {_shown(reference)}.",
            next_step=_advice(found, reference),
        )
    return version


def ready_version_of(
    stores: Stores, namespace: str, model: str, reference: VersionReference
) -> ModelVersion:
    """The version if its bytes can be had, else `NotFound` or `Conflict`."""
    version = version_of(stores, namespace, model, reference)
    if version.state is not VersionState.READY:
        raise Conflict(
            f"Version {version.number} of {model!r} is {version.state}: its files are not all"
            " there, so none can be downloaded.",
            next_step="Complete its upload, or choose a version that is ready.",
        )
    return version


def unfinished_version_of(
    stores: Stores, namespace: str, model: str, reference: VersionReference
) -> ModelVersion:
    """The version unless its upload was given up, else `NotFound` or `Conflict`."""
    version = version_of(stores, namespace, model, reference)
    if version.state is VersionState.ABANDONED:
        raise Conflict(
            f"The upload of version {version.number} of {model!r} was given up or ran out of time.",
            next_step="Push again: that registers a new version.",
        )
    return version


def file_of(stores: Stores, version: ModelVersion, path: str) -> File:
    """The declared file, or `NotFound`."""
    file = stores.files.get(version.id, path)
    if file is None:
        raise NotFound(
            f"Version {version.number} of {version.model!r} has no file {path[:200]!a}.",
            next_step="Ask for its files to see their paths.",
        )
    return file


def environment_of(stores: Stores, namespace: str, reference: str) -> Environment:
    """The environment with this id or else this name, or `NotFound`."""
    found = None
    if number := _number(reference):
        found = stores.environments.get(namespace, number)
    found = found or stores.environments.named(namespace, reference)
    if found is None:
        namespace_of(stores, namespace)
        raise NotFound(
            f"There is no environment {reference[:200]!a} in the namespace {namespace!r}.",
            next_step="List the environments to see which there are, or create it first.",
        )
    return found


def deployment_of(stores: Stores, caller: Caller, namespace: str, reference: str) -> Deployment:
    """The deployment with this id if the caller may read those of its model, or `NotFound`."""
    number = _number(reference)
    found = stores.deployments.get(namespace, number) if number else None
    if found is None or not caller.may(Action.DEPLOYMENT_READ, namespace, model=found.model):
        namespace_of(stores, namespace)
        raise NotFound(
            f"There is no deployment {reference[:200]!a} in the namespace {namespace!r}.",
            next_step="Deployments are named by their id, such as 7; list them to see it.",
        )
    return found


def experiment_of(
    stores: Stores, namespace: str, reference: str, *, even_deleted: bool = False
) -> Experiment:
    """The experiment with this id or else this name, or `NotFound`."""
    found = None
    if number := _number(reference):
        found = stores.experiments.get(namespace, number)
    found = found or stores.experiments.named(namespace, reference)
    if found is None:
        namespace_of(stores, namespace)
        raise NotFound(
            f"There is no experiment {reference[:200]!a} in the namespace {namespace!r}.",
            next_step="List the experiments to see which there are, or create it first.",
        )
    if found.state not in READABLE and not even_deleted:
        message, next_step = gone(f"The experiment {found.name!r}", found)
        raise NotFound(message, next_step=next_step)
    return found


def run_of(stores: Stores, namespace: str, reference: str, *, even_deleted: bool = False) -> Run:
    """The run with this id, or `NotFound`."""
    number = _number(reference)
    found = stores.runs.get(namespace, number) if number else None
    if found is None:
        namespace_of(stores, namespace)
        raise NotFound(
            f"There is no run {reference[:200]!a} in the namespace {namespace!r}.",
            next_step="Runs are named by their id, such as 7; list those of an experiment.",
        )
    if found.state not in READABLE and not even_deleted:
        message, next_step = gone(f"The run {found.id}", found)
        raise NotFound(message, next_step=next_step)
    return found


def logged_model_of(
    stores: Stores, namespace: str, reference: str, *, even_deleted: bool = False
) -> LoggedModel:
    """The logged model with this id, such as 7 or `m-` and that in 32 digits in hex, or
    `NotFound`."""
    number = read_logged_model_id(reference)
    found = stores.logged_models.get(namespace, number) if number else None
    if found is None:
        namespace_of(stores, namespace)
        raise NotFound(
            f"There is no logged model {reference[:200]!a} in the namespace {namespace!r}.",
            next_step="Logged models are named by their id; search those of an experiment.",
        )
    if found.state not in READABLE and not even_deleted:
        message, next_step = gone(f"The logged model {found.model_id}", found)
        raise NotFound(message, next_step=next_step)
    return found


def _number(reference: str) -> int | None:
    return int(reference) if re.fullmatch(r"[1-9][0-9]{0,8}", reference, re.ASCII) else None


def _shown(reference: VersionReference) -> str:
    match reference:
        case ByNumber(number):
            return str(number)
        case ByAlias(alias):
            return f"@{alias}"
        case ByStage(stage):
            return f"in the stage {stage or 'that is the initial one'}"
        case ByDigest(digest):
            return digest
        case ByFingerprint(fingerprint):
            return fingerprint
        case ByVersion(version):
            return str(version)
        case Compatible(releases):
            return f"from {releases.least} on, below {releases.end}, that is ready"
    return "that is ready"


def _advice(model: RegisteredModel, reference: VersionReference) -> str:
    if isinstance(reference, ByAlias):
        known = ", ".join(f"@{alias}" for alias in sorted(model.aliases)[:10])
        return f"Its aliases: {known or 'none'}."
    if isinstance(reference, ByNumber):
        return f"Its highest number so far is {model.last_version}."
    return "List its versions to see what there is."
