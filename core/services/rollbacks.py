"""Use cases on rollback: put back what held a stage, or what an alias pointed to, before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.domain.access import Action, Caller
from core.domain.events import Event
from core.domain.lifecycles import Holds, Lifecycle, Stage
from core.domain.moments import check_moment, shown
from core.domain.rollbacks import ROLLED_BACK, former_holder, holder_after, is_done
from core.domain.subjects import Subject, alias_subject, stage_subject
from core.domain.versions import ByNumber
from core.errors import Conflict, Invalid, Stale
from core.ports import Stores
from core.services.crossings import Crossing, Crossings, Gates
from core.services.lookups import lifecycle_of, model_of, version_of
from core.services.passages import Passage, surveyed
from core.services.pointers import check_can_be_pointed_at, check_may_point, point

_LOOKED_BACK = 1_000


@dataclass(frozen=True, slots=True)
class Rollbacks(Crossings):
    """Put back what was there before, through the lighter gates of the way back."""

    def roll_back(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        *,
        stage: str | None = None,
        alias: str | None = None,
        to_time: datetime | None = None,
        away_from: int | None = None,
        dry_run: bool = False,
        reason: str = "",
    ) -> Crossing:
        """Put back what held the stage, or what the alias pointed to: see `stage` and `alias`.

        Raises `Invalid` unless one of both is named.
        """
        caller.require(Action.MODEL_READ, namespace, model=model)
        if (stage is None) == (alias is None):
            raise Invalid(
                "A rollback is one of a stage or of an alias.", next_step="Name one of them."
            )
        back = self.alias if stage is None else self.stage
        return back(
            caller,
            namespace,
            model,
            stage or alias or "",
            to_time=to_time,
            away_from=away_from,
            dry_run=dry_run,
            reason=reason,
        )

    def stage(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        name: str,
        *,
        to_time: datetime | None = None,
        away_from: int | None = None,
        dry_run: bool = False,
        reason: str = "",
    ) -> Crossing:
        """Put back what held the stage before, or at a time.

        `away_from` is the version that the caller saw there: with it (as with a time) the request
        can be repeated without going back one step more, and is `Stale` if another is there.
        Raises `Conflict` if nothing was there before, or naming the gates that are closed;
        `NotFound`, `Invalid`, `Forbidden`.
        """
        caller.require(Action.VERSION_ROLL_BACK, namespace, model=model)
        check_moment(to_time, self.clock.now())

        def survey() -> Passage:
            owner = model_of(self.database, namespace, model)
            stage = _held_by_one(lifecycle_of(self.database, namespace), name)
            subject = stage_subject(namespace, model, stage.name)
            holder = owner.stages.get(stage.name)
            number = self._wanted(subject, holder, to_time, away_from)
            return surveyed(self.database, namespace, model, ByNumber(number), stage.name)

        if dry_run:
            passage = survey()
            return self._look(caller, passage, () if passage.is_over else _gates(passage))
        return self._cross(caller, survey, _gates, ROLLED_BACK, reason)

    def alias(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        name: str,
        *,
        to_time: datetime | None = None,
        away_from: int | None = None,
        dry_run: bool = False,
        reason: str = "",
    ) -> Crossing:
        """Put back what the alias pointed to before, or at a time; see `stage`.

        An alias that follows a stage goes back with it; another one passes no gates.
        """
        caller.require(Action.ALIAS_CHANGE, namespace, model=model)
        check_moment(to_time, self.clock.now())
        lifecycle = lifecycle_of(self.database, namespace)
        followed = lifecycle.following(name)
        if followed is not None:
            return self.stage(
                caller,
                namespace,
                model,
                followed.name,
                to_time=to_time,
                away_from=away_from,
                dry_run=dry_run,
                reason=reason,
            )

        def work(stores: Stores) -> Crossing:
            check_may_point(stores, caller, namespace, model, name)
            owner = model_of(stores, namespace, model)
            subject = alias_subject(namespace, model, name)
            number = self._wanted(subject, owner.aliases.get(name), to_time, away_from, stores)
            target = version_of(stores, namespace, model, ByNumber(number))
            pointed = owner.aliases.get(name)
            stage = lifecycle.stage_of(target).name
            done = Crossing(version=target, from_stage=stage, to_stage=stage, displaced=pointed)
            if pointed == number:
                return replace(done, displaced=None)
            check_can_be_pointed_at(target)
            if dry_run:
                return done
            now = self.clock.now()
            point(caller, stores, owner, name, target, now, reason, verb=ROLLED_BACK)
            version = version_of(stores, namespace, model, ByNumber(number))
            return replace(done, version=version, has_moved=True)

        return work(self.database) if dry_run else self.database.transaction(work)

    def _wanted(
        self,
        subject: Subject,
        holder: int | None,
        to_time: datetime | None,
        away_from: int | None,
        stores: Stores | None = None,
    ) -> int:
        """The number of the version to put back; that of the holder if there is nothing to do."""
        stores = stores or self.database
        events = _events(stores, subject, 1 if to_time else _LOOKED_BACK)
        if away_from not in {None, holder}:
            if holder is not None and away_from is not None and is_done(events, away_from):
                return holder
            there = f"version {holder}" if holder else "nothing"
            raise Stale(
                f"There is {there} in {subject.name!r} now, not version {away_from}.",
                next_step="See what is there, and ask again on what you see.",
            )
        if to_time is None:
            number, when = former_holder(events), "before"
        else:
            last = stores.events.last(subject, at=to_time)
            number = None if last is None else holder_after(last)
            when = f"at {shown(to_time)}"
        if number is None:
            raise Conflict(
                f"Nothing was in {subject.name!r} {when}, so that nothing can be put back.",
                next_step="See its history, or choose a version and promote it.",
            )
        return number


def _events(stores: Stores, subject: Subject, limit: int) -> Sequence[Event]:
    return stores.events.page(
        subject.namespace, kind=subject.kind, subject=subject.name, before=None, limit=limit
    )


def _held_by_one(lifecycle: Lifecycle, name: str) -> Stage:
    stage = lifecycle.stage(name)
    if stage.holds is Holds.MANY:
        single = [each.name for each in lifecycle.stages if each.holds is Holds.ONE]
        raise Invalid(
            f"{stage.name} holds any number of versions; none was there before another.",
            next_step=f"Name the version and promote it there. Stages that hold one version:"
            f" {', '.join(single) or 'none'}.",
        )
    return stage


def _gates(passage: Passage) -> Gates:
    return passage.lifecycle.way(passage.source, passage.target).rollback_gates
