"""Operations on versions: push, pull, and what is between."""

import contextlib
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from modelry.build import record_code, record_environment
from modelry.downloads import CHUNK_BYTES, Download
from modelry.errors import Conflict, NotFound
from modelry.evaluations import Reported, documents_of
from modelry.files import HashedFile, find_files, hash_files
from modelry.manifests import check_complete, check_manifest
from modelry.moments import moment
from modelry.progress import Meter, Report, report_for
from modelry.records import Pulled, RemoteFile, Version
from modelry.references import Reference
from modelry.retirements import DeprecatedVersion, deprecation_of
from modelry.session import Session, given
from modelry.staging import Destination, Staging
from modelry.uploads import Upload

_MANIFEST_PAGE = 1_000


class Versions(Session):
    """Versions of models and their files."""

    def versions(
        self,
        model: str | Reference,
        *,
        namespace: str | None = None,
        archived: bool = False,
        as_of: datetime | str | None = None,
    ) -> Iterator[Version]:
        """The versions of a model, newest first; archived ones too if asked for."""
        path = self.resolve(model, namespace).model_path()
        query = {"include": "archived" if archived else None, "as_of": moment(as_of)}
        return map(Version.read, self.transport.items(f"{path}/versions", **query))

    def version(
        self,
        reference: str | Reference,
        *,
        namespace: str | None = None,
        as_of: datetime | str | None = None,
    ) -> Version:
        """A version by reference, the latest if it names none. Raises `NotFound`."""
        path = self.resolve(reference, namespace).version_path()
        return Version.read(self.transport.get(path, **given(as_of=moment(as_of))).document)

    def files(
        self,
        reference: str | Reference,
        *,
        namespace: str | None = None,
        as_of: datetime | str | None = None,
    ) -> Iterator[RemoteFile]:
        """The files of a version, by path."""
        path = self.resolve(reference, namespace).version_path()
        query = {"page_size": _MANIFEST_PAGE, "as_of": moment(as_of)}
        pages = self.transport.items(f"{path}/files", **query)
        return map(RemoteFile.read, pages)

    def update_version(
        self,
        reference: str | Reference,
        *,
        etag: str = "*",
        namespace: str | None = None,
        reason: str | None = None,
        **changes: Any,
    ) -> Version:
        """Change what describes a version (never its build) by merge patch: None removes.

        Raises `Stale` if it is not at `etag` any more.
        """
        path = self.resolve(reference, namespace).version_path()
        return Version.read(self.patch(path, etag, changes, reason))

    def abandon(self, reference: str | Reference, *, namespace: str | None = None) -> None:
        """Give up a pending version. Raises `Conflict` for a ready one."""
        version = self.version(reference, namespace=namespace)
        self.transport.request("DELETE", f"{_numbered(version)}/upload")

    def push(
        self,
        path: str | os.PathLike[str] | None,
        model: str | Reference,
        *,
        namespace: str | None = None,
        version: str | None = None,
        name: str | None = None,
        number: int | None = None,
        on_repeat: Literal["same", "new"] | None = None,
        model_type: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        metrics: Mapping[str, float] | None = None,
        training_metrics: Mapping[str, float] | None = None,
        cross_validation_metrics: Mapping[str, float] | None = None,
        inference_metrics: Mapping[str, float] | None = None,
        confusion_matrix: Mapping[str, Any] | None = None,
        tuning: Mapping[str, Any] | None = None,
        datasets: Sequence[Mapping[str, Any]] | None = None,
        code: Mapping[str, Any] | None = None,
        signature: Mapping[str, Any] | None = None,
        environment: Mapping[str, Any] | None = None,
        framework: Mapping[str, Any] | None = None,
        explainability: Mapping[str, Any] | None = None,
        fairness: Mapping[str, Any] | None = None,
        compliance: Mapping[str, Any] | None = None,
        serving: Mapping[str, Any] | None = None,
        origin: Mapping[str, Any] | None = None,
        artifacts: Sequence[Mapping[str, Any]] | None = None,
        authors: Sequence[str] | None = None,
        approval_note: str | None = None,
        notes: str | None = None,
        license: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
        custom_properties: Mapping[str, Any] | None = None,
        external_id: str | None = None,
        owner: str | None = None,
        evaluation: Reported | Sequence[Reported] | None = None,
        run_id: str | None = None,
        progress: Report | bool | None = None,
        wait: bool = True,
    ) -> Version:
        """Register a version with the file, or all files of the directory, at `path`; send them.

        Without a path it has no files, and is ready at once. `artifacts` name what it holds:
        `{"name", "kind", "path"}` for its own files, `{"name", "kind", "uri"}` for others.
        The model is registered if it is not yet. `code` and `environment` are recorded unless
        given; `{}` records nothing. A push that was broken off goes on where it stopped when it
        is repeated with the same files and fields. Pushing a training that is there already
        gives the version that exists (its `registration` is `existing`), unless `on_repeat` is
        `new`. `version` is the semantic version; by default the registry chooses it by what
        changed. `name` is what people call it, unique in the model; `number` keeps the one
        that it bears elsewhere, if that is higher than any so far. `evaluation`, a
        report (or several) of `modelry.evaluation`, is registered with the version, in the same
        step. `run_id` is the run that produced it. `progress` is called with `Snapshot`s; True
        shows a line on a terminal. Without `wait` the version may still be pending.

        Raises `Invalid` for files that cannot be pushed, before anything is sent; `Conflict` for
        a `name` or `version` that is taken, or a version too low for what changed.
        """
        reference = self.resolve(model, namespace)
        meter = Meter(report_for(progress))
        files = [] if path is None else self._hashed(path, meter)
        body = given(
            version=version,
            name=name,
            number=number,
            on_repeat=on_repeat,
            model_type=model_type,
            parameters=parameters,
            metrics=metrics,
            training_metrics=training_metrics,
            cross_validation_metrics=cross_validation_metrics,
            inference_metrics=inference_metrics,
            confusion_matrix=confusion_matrix,
            tuning=tuning,
            datasets=None if datasets is None else list(datasets),
            code=record_code() if code is None else code,
            signature=signature,
            environment=record_environment() if environment is None else environment,
            framework=framework,
            explainability=explainability,
            fairness=fairness,
            compliance=compliance,
            serving=serving,
            origin=origin,
            artifacts=None if artifacts is None else list(artifacts),
            authors=None if authors is None else list(authors),
            approval_note=approval_note,
            notes=notes,
            license=license,
            description=description,
            tags=tags,
            metadata=metadata,
            custom_properties=custom_properties,
            external_id=external_id,
            owner=owner,
            evaluations=documents_of(evaluation),
            run_id=run_id,
            files=[file.declaration() for file in files],
        )
        registered = self._register(reference, body)
        if registered.registration == "existing" or not files:
            return registered
        upload = Upload(
            transport=self.transport,
            path=_numbered(registered),
            files={file.path: file for file in files},
            meter=meter,
            workers=self.workers,
        )
        return replace(Version.read(upload.run(wait=wait)), registration=registered.registration)

    def pull(
        self,
        reference: str | Reference,
        dest: str | os.PathLike[str],
        *,
        namespace: str | None = None,
        force: bool = False,
        force_retired: str | None = None,
        as_of: datetime | str | None = None,
        progress: Report | bool | None = None,
    ) -> Pulled:
        """Make the directory `dest` hold exactly the files of a version, or leave it alone.

        Every byte is checked against the version's digest. What is there already is only
        replaced with `force`. With `as_of` it is the version that was named so then. A pull that
        was broken off goes on where it stopped. A version that should not be used any more is
        pulled with the warning `DeprecatedVersion`. One that is retired is refused with
        `Conflict`, unless an owner says in `force_retired` why it is pulled all the same.
        """
        version = self.version(reference, namespace=namespace, as_of=as_of)
        if warning := deprecation_of(version):
            warnings.warn(warning, DeprecatedVersion, stacklevel=2)
        check_complete(version)
        destination = Destination(dest)
        path = _numbered(version)
        manifest = list(
            self.files(Reference(version.model, str(version.number), version.namespace))
        )
        digest = check_manifest(version, manifest)
        if destination.is_occupied():
            if destination.holds(manifest):
                return Pulled(destination.path, version, digest)
            if not force:
                raise Conflict(
                    f"{dest} is there already and holds something else.",
                    next_step="Pull to another directory, or replace this one with --force"
                    " (force=True).",
                )
        meter = Meter(report_for(progress))
        with Staging(destination, digest, CHUNK_BYTES) as staging:
            Download(
                transport=self.transport,
                path=path,
                manifest=manifest,
                staging=staging,
                meter=meter,
                workers=self.workers,
                query=given(
                    force="true" if force_retired is not None else None, reason=force_retired
                ),
            ).run()
            return Pulled(staging.publish(), version, digest)

    def _hashed(self, path: str | os.PathLike[str], meter: Meter) -> list[HashedFile]:
        found = find_files(path)
        meter.begin("reading", sum(file.size_bytes for file in found))
        files = hash_files(found, on_bytes=meter.add)
        meter.finish()
        return files

    def _register(self, reference: Reference, body: Mapping[str, Any]) -> Version:
        """Register the version; the model too, if it turns out not to be there."""
        path = f"{reference.model_path()}/versions"
        try:
            answer = self.create(path, body)
        except NotFound:
            models = f"{self.in_namespace(reference.namespace)}/models"
            # A conflict means that somebody else registered it just now.
            with contextlib.suppress(Conflict):
                self.create(models, {"name": reference.model})
            answer = self.create(path, body)
        registration = answer.headers.get("Modelry-Registration", "")
        return replace(Version.read(answer.document), registration=registration)


def _numbered(version: Version) -> str:
    """The URL path of a version by its number, which means the same for ever."""
    return Reference(version.model, str(version.number), version.namespace).version_path()
