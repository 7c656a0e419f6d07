"""Bringing versions to stages, and putting back what was there before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from modelry.errors import Invalid
from modelry.moments import moment
from modelry.records import Record, Version
from modelry.references import Reference
from modelry.session import Session, given


@dataclass(frozen=True, repr=False)
class Standing(Record):
    """A stage of a model; `version` is the number of the one in it if it holds one."""

    name: str = ""
    description: str = ""
    holds: str = "many"
    alias: str | None = None
    version: int | None = None
    protected: bool = False
    retired: bool = False

    def _shown(self) -> str:
        return f"{self.name}: {'any number' if self.holds == 'many' else self.version}"


@dataclass(frozen=True, repr=False)
class Promotion(Record):
    """What came of asking: whether every gate is `open`, and whether the version has `moved`.

    `verdicts` has one entry for each gate: rule, requirement, passed, why.
    """

    moved: bool = False
    open: bool = False
    to: str = ""
    displaced: int | None = None
    digest: str | None = None
    verdicts: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def version(self) -> Version:
        """The version as it is now."""
        return Version.read(self.raw["version"])

    @property
    def from_stage(self) -> str:
        """Where it was."""
        return str(self.raw["from"])

    def _shown(self) -> str:
        what = "moved" if self.moved else "open" if self.open else "closed"
        return f"{self.version.reference}: {self.from_stage} → {self.to}, {what}"


class Promotions(Session):
    """Promote and roll back."""

    def promote(
        self,
        reference: str | Reference,
        to: str,
        *,
        dry_run: bool = False,
        namespace: str | None = None,
        reason: str | None = None,
    ) -> Promotion:
        """Bring a version to a stage; with `dry_run` only judge the gates on the way.

        Raises `Conflict` whose `problems` name each gate that is closed. A version that is there
        already stays there, so that it can be repeated.
        """
        path = f"{self.resolve(reference, namespace).version_path()}/promote"
        body = {"to": to, "dry_run": dry_run}
        answer = self.transport.request(
            "POST", path, query={"reason": reason}, body=body, idempotent=True
        )
        return Promotion.read(answer.document)

    def rollback(
        self,
        model: str | Reference,
        stage: str | None = None,
        *,
        to_time: datetime | str | None = None,
        from_version: int | None = None,
        dry_run: bool = False,
        namespace: str | None = None,
        reason: str | None = None,
    ) -> Promotion:
        """Put back what held the stage before, or what the alias of `MODEL@alias` pointed to.

        `from_version` is the version that is there now (it is asked for if it is not given), so
        that a repeated request goes back no further. With `to_time`: what was there then.
        """
        found = self.resolve(model, namespace)
        if (stage is None) == (found.alias is None):
            raise Invalid(
                "A rollback is one of a stage or of an alias.",
                next_step="Name a model and a stage, or MODEL@alias.",
            )
        if from_version is None and to_time is None:
            from_version = self._there(found, stage)
        body = given(
            stage=stage,
            alias=found.alias,
            to_time=moment(to_time),
            from_version=from_version,
            dry_run=dry_run,
        )
        answer = self.transport.request(
            "POST",
            f"{found.model_path()}/rollback",
            query={"reason": reason},
            body=body,
            idempotent=from_version is not None or to_time is not None,
        )
        return Promotion.read(answer.document)

    def stages(
        self,
        model: str | Reference,
        *,
        namespace: str | None = None,
        as_of: datetime | str | None = None,
    ) -> Iterator[Standing]:
        """The stages of a model, and which version is in those that hold one."""
        path = self.resolve(model, namespace).model_path()
        return map(Standing.read, self.transport.items(f"{path}/stages", as_of=moment(as_of)))

    def _there(self, model: Reference, stage: str | None) -> int | None:
        """The version that is there now."""
        answer = self.transport.get(model.model_path()).document
        if stage is None:
            return dict(answer["aliases"]).get(model.alias)
        held = {name.casefold(): number for name, number in answer["stages"].items()}
        return held.get(stage.casefold())
