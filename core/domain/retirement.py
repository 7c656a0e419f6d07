"""Retirement: what is not handed out any more, and what cannot be taken away from its users."""

from collections.abc import Iterable

from core.domain.events import MAX_REASON_CHARACTERS
from core.domain.lifecycles import Lifecycle, Stage
from core.domain.names import check_text
from core.domain.versions import ModelVersion
from core.errors import Conflict, Invalid


def retired(version: ModelVersion, stage: str) -> Conflict:
    """The error for whoever pulls a version that is in a retired stage."""
    deprecation = version.deprecation
    successor = deprecation.successor if deprecation else None
    instead = f"Use {successor} instead" if successor else "Use another version"
    return Conflict(
        f"Version {version.number} of {version.model!r} is retired (it is in {stage}), so its files"
        " are not handed out.",
        next_step=f"{instead}; an owner can pull it all the same, saying why (force=true&reason=…,"
        " --force-retired REASON).",
    )


def check_forced(reason: str) -> str:
    """Return the reason for which a retired version is pulled; raise `Invalid` if there is none."""
    if not reason.strip():
        raise Invalid(
            "Who pulls a retired version must say why.",
            next_step="Give a reason; it is kept in the audit log.",
        )
    return check_text("reason", reason, max_characters=MAX_REASON_CHARACTERS)


def retiring(lifecycle: Lifecycle, version: ModelVersion, to_stage: str | None = None) -> Stage:
    """The retired stage that the version can go to: the one named, or the only one there is.

    Raises `NotFound` for a stage that is none, `Conflict` for one that is not retired, and if no
    way or several lead to retired ones.
    """
    source = lifecycle.stage_of(version)
    if to_stage is not None:
        named = lifecycle.stage(to_stage)
        if not named.retired:
            raise Conflict(
                f"What is in {named.name} is not retired.",
                next_step="Promote it there, or name a stage that is retired.",
            )
        return named
    if source.retired:
        return source
    targets = {way.to_stage for way in lifecycle.transitions if way.from_stage == source.name}
    found = [stage for stage in lifecycle.stages if stage.retired and stage.name in targets]
    if len(found) == 1:
        return found[0]
    names = ", ".join(stage.name for stage in found)
    raise Conflict(
        f"From {source.name} ways lead to {len(found)} retired stages: {names}."
        if found
        else f"From {source.name} no way leads to a retired stage.",
        next_step="Name the stage to retire it to."
        if found
        else "Bring it to a stage first from which one does; the lifecycle says which.",
    )


def holds(lifecycle: Lifecycle, stage: Stage) -> bool:
    """Whether what is in the stage may not be taken away: it has come somewhere, and is not
    retired yet; or the stage is protected."""
    return stage.protected or not (stage.retired or stage is lifecycle.initial)


def check_free(what: str, holders: Iterable[tuple[str, str]], *, so: str) -> None:
    """Raise `Conflict` naming what holds the version or model: (what it is, what to do). `so` says
    what it cannot therefore."""
    found = list(holders)
    if found:
        names = ", ".join(name for name, _ in found)
        raise Conflict(
            f"{what} is held by {names}, so it {so}.",
            next_step=f"First {'; '.join(dict.fromkeys(do for _, do in found))}.",
            problems=[(name, "holds it") for name, _ in found],
        )
