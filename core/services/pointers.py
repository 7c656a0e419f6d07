"""Moving an alias: the steps that setting, removing and rolling back share."""

from datetime import datetime

from core.domain.access import Action, Caller
from core.domain.aliases import Alias
from core.domain.common import moved_on
from core.domain.models import RegisteredModel
from core.domain.retention import Retention
from core.domain.subjects import event_of
from core.domain.versions import ByNumber, ModelVersion, VersionState
from core.errors import Conflict
from core.ports import Stores
from core.services.lookups import lifecycle_of, model_of, version_of


def check_may_point(
    stores: Stores,
    caller: Caller,
    namespace: str,
    model: str,
    name: str,
    removed_from: RegisteredModel | None = None,
) -> None:
    """Raise `Conflict` for an alias that follows a stage, past whose gates it would lead, and
    `Forbidden` for a protected one. One that no version holds the stage of can be removed."""
    lifecycle = lifecycle_of(stores, namespace)
    stage = lifecycle.following(name)
    if stage is not None and (removed_from is None or stage.name in removed_from.stages):
        raise Conflict(
            f"The alias {name!r} follows the stage {stage.name}: it is moved by promotions alone.",
            next_step=f"Promote a version to {stage.name}, or roll {stage.name} back.",
        )
    if name in lifecycle.protected_aliases:
        caller.require(Action.PROTECTED_ALIAS_CHANGE, namespace, model=model)


def check_can_be_pointed_at(version: ModelVersion) -> None:
    """Raise `Conflict` for a version that is not ready, or archived."""
    what = f"Version {version.number} of {version.model!r}"
    if version.state is not VersionState.READY:
        raise Conflict(
            f"{what} is {version.state}, so no alias can point to it.",
            next_step="Complete its upload first, or choose a version that is ready.",
        )
    if version.retention is not Retention.ACTIVE:
        raise Conflict(
            f"{what} is archived, so no alias can point to it.",
            next_step="Restore it first, or choose a version that is active.",
        )


def point(
    caller: Caller,
    stores: Stores,
    model: RegisteredModel,
    name: str,
    target: ModelVersion | None,
    now: datetime,
    reason: str,
    verb: str = "",
) -> RegisteredModel:
    """Let the alias point to the version, or (None) nowhere; the model after it.

    `verb` is what the history calls it, if that is not setting, moving or removing.
    """
    by = caller.principal.name
    old = Alias.of(model, name)
    versions = [] if target is None else [target]
    if old is not None:
        versions.append(version_of(stores, model.namespace, model.name, ByNumber(old.version)))
    at = max(now, model.updated_at, *(each.updated_at for each in versions))
    aliases = {alias: where for alias, where in model.aliases.items() if alias != name}
    if target is not None:
        aliases[name] = target.number
    after = moved_on(model, at=at, by=by, aliases=aliases)
    new = Alias.of(after, name)
    verb = verb or ("removed" if new is None else "moved" if old else "set")
    stores.models.replace(after)
    for action, before, now_it_is in (
        (f"alias.{verb}", old, new),
        (f"model.alias-{verb}", model, after),
    ):
        stores.events.add(
            event_of(
                caller,
                action,
                at=at,
                before=before,
                after=now_it_is,
                reason=reason,
                revision=after.revision,
            )
        )
    for version in versions:
        _rename(caller, stores, version, name, version is target, at, reason)
    return after


def unpoint(
    caller: Caller, stores: Stores, version: ModelVersion, now: datetime, reason: str
) -> None:
    """Take away every alias that points to the version. Raises as `check_may_point` does."""
    place = version.namespace, version.model
    for name in version.aliases:
        model = model_of(stores, *place)
        check_may_point(stores, caller, *place, name, model)
        point(caller, stores, model, name, None, now, reason)


def _rename(
    caller: Caller,
    stores: Stores,
    before: ModelVersion,
    name: str,
    is_target: bool,
    at: datetime,
    reason: str,
) -> None:
    """Keep the version's own list of aliases true, so that it is found by one query."""
    names = {*before.aliases, name} if is_target else {*before.aliases} - {name}
    aliases = tuple(sorted(names))
    after = moved_on(before, at=at, by=caller.principal.name, aliases=aliases)
    action = "version.alias-set" if is_target else "version.alias-removed"
    stores.versions.replace(after)
    stores.events.add(event_of(caller, action, at=at, before=before, after=after, reason=reason))
