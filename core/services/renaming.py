"""A model under another name: what belongs to it goes along, its history and its files stay."""

from dataclasses import replace
from datetime import datetime

from core.domain.access import Caller
from core.domain.common import moved_on
from core.domain.models import RegisteredModel
from core.domain.names import MAX_NAME_CHARACTERS, key_segment
from core.domain.subjects import event_of
from core.errors import Conflict
from core.ports import Stores

_BATCH = 1_000


def renamed(
    caller: Caller,
    stores: Stores,
    before: RegisteredModel,
    name: str,
    at: datetime,
    reason: str = "",
) -> RegisteredModel:
    """The model under its new name, with all that is its own: versions, artifacts, evaluations and
    approvals. The history goes on under the new name, and stays readable under the old one.

    Raises `Taken` if another model has the name, or one that looks like it.
    """
    after = moved_on(
        before,
        at=at,
        by=caller.principal.name,
        name=name,
        key_root=before.key_segment,
        former_names=(*before.former_names, before.name),
    )
    stores.models.rename(after, before.name)
    for store in (stores.versions, stores.artifacts, stores.evaluations, stores.approvals):
        store.rename_model(before.namespace, before.name, name)
    when = after.updated_at
    for action, now_it_is in (("model.renamed-away", None), ("model.renamed", after)):
        stores.events.add(
            event_of(
                caller,
                action,
                at=when,
                before=before,
                after=now_it_is,
                reason=reason,
                revision=after.revision,
            )
        )
    return after


def set_aside(deleted: RegisteredModel) -> str:
    """The name that a deleted model gets, so that another one can have its name."""
    mark = f" (deleted {deleted.id})"
    return deleted.name[: MAX_NAME_CHARACTERS - len(mark)].rstrip() + mark


def apart_from_renamed(stores: Stores, model: RegisteredModel) -> RegisteredModel:
    """A new model, with a root of its own for its files if another one had its name before."""
    root = key_segment(model.name)
    if not stores.models.has_key_root(model.namespace, root):
        return model
    # Two tildes are in no segment that a name gives, unless it is longer than this.
    return replace(model, key_root=f"{root}~~{model.id}")


def check_can_be_renamed(stores: Stores, model: RegisteredModel) -> None:
    """Raise `Conflict` naming what is said of the model by its name elsewhere: rights, publishers,
    deployments and open requests for approval. They would be of another model, once one has the
    old name."""
    namespace, name = model.namespace, model.name
    found = [
        (f"grant {grant.grantee}", "is on this model alone")
        for grant in stores.grants.page(f"{namespace}/{name}", after=None, limit=_BATCH)
    ]
    publishers = stores.publishers.page(namespace, after=None, limit=_BATCH)
    found += [
        (f"publisher {each.name}", "may publish this model alone")
        for each in publishers
        if each.model == name
    ]
    found += [
        (f"deployment {each.name}", f"runs it in {each.environment}")
        for each in stores.deployments.holding(namespace, name, None, limit=_BATCH)
    ]
    found += [
        (f"approval {each.id}", "is not decided yet")
        for each in stores.approvals.waiting(namespace, after=None, limit=_BATCH)
        if each.model == name
    ]
    if found:
        first = "; ".join(f"{place} {message}" for place, message in found[:5])
        raise Conflict(
            f"The model {name!r} cannot be renamed while others name it: {first}.",
            next_step="Take these away first, and set them up again under the new name.",
            problems=found[:20],
        )
