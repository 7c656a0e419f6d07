"""Moving in from a registry of another maker: everything that it keeps, as often as need be.

What is moved says where it is from (`metadata.moved_from`); that is how it is known again.
"""

import os
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelry.errors import Conflict, Invalid, ModelryError, NotFound, Unavailable
from modelry.imports import ARTIFACT, Copy
from modelry.moments import moment
from modelry.origins import (
    Kept,
    Origin,
    OriginModel,
    OriginRun,
    OriginVersion,
    open_origin,
)
from modelry.records import Version
from modelry.references import Reference
from modelry.session import Session

if TYPE_CHECKING:
    from modelry.client import Modelry

FROM, DONE = "moved_from", "moved_at"


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of one thing: `moved` now, `there` already, `partly` moved, or `failed`; and
    why, where that is not plain."""

    kind: str
    name: str
    outcome: str
    why: str = ""


class Moves(Session):
    """Registries of other makers."""

    def move_from(  # type: ignore[misc]  # a part of the client that uses its other parts
        self: "Modelry",
        kind: str,
        url: str,
        *,
        namespace: str | None = None,
        models: Collection[str] = (),
        runs: bool = True,
        files: bool = True,
    ) -> Iterator[Moved]:
        """Bring over what the `mlflow` or `kubeflow` registry at `url` keeps, thing by thing:
        experiments, runs with their parameters and metrics, models, versions under their numbers
        or names with their bytes, aliases and stages.

        Only `models`, if any are named; without their `runs` or `files` if so asked. It can be
        repeated: what is there already stays, what was broken off goes on. One thing that fails
        holds up no other. Tokens are those of the environment (`MLFLOW_TRACKING_TOKEN`,
        `KUBEFLOW_TOKEN`).

        Raises `Invalid` for another kind or no address, `Forbidden` and `Unavailable` as the
        origin or this registry answers.
        """
        transport = self.transport
        origin = open_origin(kind, url, transport.network, transport.retries, os.environ)
        yield from _Move(self, origin, namespace or self.namespace_name, files).run(models, runs)


@dataclass(slots=True)
class _Move:
    registry: "Modelry"
    origin: Origin
    namespace: str
    with_files: bool
    _runs: dict[str, str] = field(default_factory=dict)

    def run(self, models: Collection[str], with_runs: bool) -> Iterator[Moved]:
        for experiment in self.origin.experiments() if with_runs else ():
            yield from self._experiment(experiment)
        for model in self.origin.models():
            if not models or model.name in models:
                yield from self._model(model)

    def _experiment(self, found: Kept) -> Iterator[Moved]:
        wanted: dict[str, Any] = {"namespace": self.namespace}
        try:
            experiment = self.registry.experiment(found.name, **wanted)
            yield Moved("experiment", found.name, "there")
        except NotFound:
            said = self._said(found, f"experiments/{found.id}")
            experiment = self.registry.create_experiment(found.name, **said, **wanted)
            yield Moved("experiment", found.name, "moved")
        rows = self.registry.runs(experiment.id, archived=True, **wanted)
        known = {run.metadata[FROM]: run for run in rows if FROM in run.metadata}
        for run in self.origin.runs(found):
            there = known.get(self._place(f"runs/{run.id}"))
            if there is not None:
                self._runs[run.id] = there.id
            if there is not None and DONE in there.metadata:
                yield Moved("run", run.name, "there")
            else:
                yield _tried("run", run.name, partial(self._run, experiment.id, run))

    def _run(self, experiment: str, found: OriginRun) -> str:
        if found.id not in self._runs:
            said = self._said(found, f"runs/{found.id}")
            made = self.registry.create_run(
                experiment,
                found.name,
                namespace=self.namespace,
                parameters=found.parameters,
                parent=self._runs.get(found.parent or ""),
                started_at=found.started_at,
                inputs=list(found.inputs),
                **said,
            )
            self._runs[found.id] = made.id
        run = self._runs[found.id]
        self.registry.log_metrics(run, self.origin.points(found), namespace=self.namespace)
        if self.with_files:
            self._run_files(run, found)
        changes: dict[str, Any] = {**found.ending, "metadata": {DONE: moment(datetime.now(UTC))}}
        self.registry.update_run(run, namespace=self.namespace, **changes)
        return ""

    def _run_files(self, run: str, found: OriginRun) -> None:
        source = self.origin.run_files(found)
        if source is None:
            return
        with tempfile.TemporaryDirectory(prefix="modelry-move-") as folder:
            for file in source.files():
                content = Path(folder, "file")
                with content.open("wb") as out:
                    for block in source.read(file):
                        out.write(block)
                self.registry.log_file(run, content, file.path, namespace=self.namespace)

    def _model(self, found: OriginModel) -> Iterator[Moved]:
        here = Reference(found.name, namespace=self.namespace)
        try:
            self.registry.model(here)
            yield Moved("model", found.name, "there")
        except NotFound:
            yield _tried("model", found.name, partial(self._registered, here, found))
        try:
            rows = list(self.registry.versions(here, archived=True))
        except NotFound:  # it could not be registered
            return
        known = {row.metadata[FROM]: row for row in rows if FROM in row.metadata}
        numbers: dict[str, int] = {}
        for version in self.origin.versions(found):
            place = self._place(f"models/{found.id}/versions/{version.id}")
            there = known.get(place)
            name = f"{found.name}:{version.number or version.name}"
            if there is not None and there.state == "ready":
                numbers[version.id] = there.number
                yield Moved("version", name, "there")
            else:
                yield _tried("version", name, partial(self._version, here, version, place, numbers))
        yield from self._pointers(here, found, numbers)

    def _registered(self, here: Reference, found: OriginModel) -> str:
        self.registry.register_model(here, **self._said(found, f"models/{found.id}"))
        return ""

    def _version(
        self, here: Reference, found: OriginVersion, place: str, numbers: dict[str, int]
    ) -> str:
        why = ""
        said = self._said(found, place)
        said["run_id"] = self._runs.get(found.run or "")
        with tempfile.TemporaryDirectory(prefix="modelry-move-") as folder:
            content: Path | None = None
            try:
                source = self.origin.files(found) if self.with_files else None
                if source is not None:
                    Copy(source, Path(folder)).run(found.uri or place)
                    content = Path(folder)
            except (Invalid, NotFound) as error:
                why = f"without its bytes: {_line(error)}"
            except Unavailable as error:  # that store, not this registry: the others can go on
                raise ModelryError(f"Its bytes could not be read: {_line(error)}") from error
            if content is None and found.uri and "://" in found.uri:
                said["artifacts"] = [{"name": ARTIFACT, "kind": "model", "uri": found.uri}]
            pushed = self._pushed(content, here, found, said)
        numbers[found.id] = pushed.number
        if found.stage is not None:
            why = "; ".join(filter(None, (why, self._staged(pushed, found.stage))))
        return why

    def _pushed(
        self, content: Path | None, here: Reference, found: OriginVersion, said: dict[str, Any]
    ) -> Version:
        return self.registry.push(
            content,
            here,
            number=found.number,
            on_repeat="new",
            code={},
            environment={},
            **{name: value for name, value in said.items() if value is not None},
        )

    def _staged(self, version: Version, stage: str) -> str:
        """Why it is not in its stage; nothing if it is."""
        reference = Reference(version.model, str(version.number), version.namespace)
        try:
            self.registry.promote(reference, stage, reason=f"Moved from {self.origin.address}.")
        except (Conflict, Invalid, NotFound) as error:
            return f"not in the stage {stage}: {_line(error)}"
        return ""

    def _pointers(
        self, here: Reference, found: OriginModel, numbers: Mapping[str, int]
    ) -> Iterator[Moved]:
        aliases = {each.alias: each.version for each in self.registry.aliases(here)}
        for alias, version in found.aliases.items():
            name = f"{found.name}@{alias}"
            if version not in numbers:
                yield Moved("alias", name, "failed", "the version that it leads to was not moved")
            elif aliases.get(alias) == numbers[version]:
                yield Moved("alias", name, "there")
            else:
                yield _tried(
                    "alias",
                    name,
                    partial(self._pointed, here, alias, numbers[version]),
                )

    def _pointed(self, here: Reference, alias: str, number: int) -> str:
        self.registry.set_alias(here, alias, number, reason=f"Moved from {self.origin.address}.")
        return ""

    def _place(self, path: str) -> str:
        return f"{self.origin.address}/{path}"

    def _said(self, found: Kept, path: str) -> dict[str, Any]:
        place = path if path.startswith(self.origin.address) else self._place(path)
        return {**found.said, "metadata": {**found.said.get("metadata", {}), FROM: place}}


def _tried(kind: str, name: str, work: Callable[[], str]) -> Moved:
    """Do it; what fails is said, unless nothing more can be done at all."""
    try:
        why = work()
    except Unavailable:
        raise
    except ModelryError as error:
        return Moved(kind, name, "failed", _line(error))
    return Moved(kind, name, "partly" if why else "moved", why)


def _line(error: ModelryError) -> str:
    return " ".join(str(error).split())
