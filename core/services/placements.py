"""Putting a version into a stage: the one place where stages and the aliases after them change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.domain.access import Caller
from core.domain.aliases import Alias
from core.domain.approvals import Approval, ApprovalState
from core.domain.common import moved_on
from core.domain.lifecycles import Holder, Holds
from core.domain.models import RegisteredModel
from core.domain.subjects import event_of
from core.domain.versions import ModelVersion
from core.ports import Stores
from core.services.passages import Passage


@dataclass(frozen=True, slots=True)
class Placement:
    """Who moves a version, when and why; `verb` is what the history calls it."""

    caller: Caller
    verb: str
    at: datetime
    reason: str = ""

    def carry_out(self, stores: Stores, passage: Passage) -> ModelVersion:
        """The version in its new stage, the one that it displaces out of it, the aliases of both
        stages after them: each with its event. Raises `Stale` if any has changed since."""
        before = passage.model
        after = self._model(passage)
        if after is not before:
            stores.models.replace(after)
            self._tell(stores, f"model.version-{self.verb}", before, after)
            for old, new in _changed(before, after):
                noun = "alias" if isinstance(old or new, Alias) else "stage"
                self._tell(
                    stores,
                    f"{noun}.{_verb(old, new) if self.verb == 'promoted' else self.verb}",
                    old,
                    new,
                    revision=after.revision,
                )
        moved = passage.version
        for version, verb in self._versions(passage, after):
            stores.versions.replace(version)
            former = passage.others.get(version.number, passage.version)
            self._tell(stores, f"version.{verb}", former, version)
            moved = version if version.number == moved.number else moved
        return moved

    def use_up(self, stores: Stores, approvals: tuple[Approval, ...]) -> None:
        """What was asked for has come about: these requests are decided no more."""
        for before in approvals:
            after = replace(
                before,
                state=ApprovalState.USED,
                updated_at=max(self.at, before.updated_at),
                updated_by=self.caller.principal.name,
                revision=before.revision + 1,
            )
            stores.approvals.replace(after)
            self._tell(stores, "approval.used", before, after)

    def _model(self, passage: Passage) -> RegisteredModel:
        before, number = passage.model, passage.version.number
        source, target = passage.source, passage.target
        stages = {name: held for name, held in before.stages.items() if held != number}
        aliases = dict(before.aliases)
        if source.alias is not None and aliases.get(source.alias) == number:
            del aliases[source.alias]
        if target.holds is Holds.ONE:
            stages[target.name] = number
        if target.alias is not None:
            aliases[target.alias] = number
        if (stages, aliases) == (before.stages, before.aliases):
            return before
        by = self.caller.principal.name
        return moved_on(before, at=self.at, by=by, stages=stages, aliases=aliases)

    def _versions(
        self, passage: Passage, model: RegisteredModel
    ) -> Iterator[tuple[ModelVersion, str]]:
        """Each version that changes, as it is from now on, and what happened to it."""
        lifecycle, displaced = passage.lifecycle, passage.displaced
        for version in (passage.version, *passage.others.values()):
            names = sorted(name for name, at in model.aliases.items() if at == version.number)
            stage, verb = version.stage, "alias-removed"
            if version is passage.version:
                stage, verb = lifecycle.stored(passage.target), self.verb
            elif version is displaced:
                room = lifecycle.displaced_to(passage.target)
                stage, verb = lifecycle.stored(room), "displaced"
            if version is passage.version or (stage, names) != (version.stage, [*version.aliases]):
                by = self.caller.principal.name
                after = moved_on(version, at=self.at, by=by, stage=stage, aliases=tuple(names))
                yield after, verb

    def _tell(
        self, stores: Stores, action: str, before: Any, after: Any, revision: int | None = None
    ) -> None:
        stores.events.add(
            event_of(
                self.caller,
                action,
                at=self.at,
                before=before,
                after=after,
                reason=self.reason,
                revision=revision,
            )
        )


def _changed(before: RegisteredModel, after: RegisteredModel) -> Iterator[tuple[Any, Any]]:
    """The aliases and the holders of stages that are not what they were."""
    for kind, old, new in (
        (Alias, before.aliases, after.aliases),
        (Holder, before.stages, after.stages),
    ):
        for name in sorted(_names_that_moved(old, new)):
            yield kind.of(before, name), kind.of(after, name)


def _names_that_moved(old: Mapping[str, int], new: Mapping[str, int]) -> set[str]:
    return {name for name in {*old, *new} if old.get(name) != new.get(name)}


def _verb(old: Any, new: Any) -> str:
    return "removed" if new is None else "moved" if old else "set"
