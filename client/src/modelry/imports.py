"""Copying a model in from where it lies now: read here, with the caller's rights, then pushed."""

import hashlib
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

from modelry.errors import Damaged, Invalid, TooLarge
from modelry.files import manifest_digest
from modelry.paths import collisions, path_fault
from modelry.progress import Meter, Report, report_for
from modelry.records import Version
from modelry.references import Reference
from modelry.sources import Source, SourceFile, open_source
from modelry.versions import Versions

MAX_FILES = 10_000
MAX_BYTES = 100 << 30
ARTIFACT = "source"


class Imports(Versions):
    """Models from other places."""

    def import_model(
        self,
        uri: str,
        model: str | Reference,
        *,
        namespace: str | None = None,
        allow_hosts: Collection[str] = (),
        max_files: int = MAX_FILES,
        max_bytes: int = MAX_BYTES,
        progress: Report | bool | None = None,
        **described: Any,
    ) -> Version:
        """Push the file or directory at `uri` (s3, gs, abfs, hdfs, webhdfs, https) as a version.

        The bytes go through a temporary directory of this machine; credentials are those of this
        process's environment. The version says where it is from: `metadata.source_uri`, and the
        artifact `source` with the digest of what was read. `described` is what `push` takes.
        `allow_hosts` are data nodes that WebHDFS may send us to.

        Raises `Invalid` for a URI that is not to be opened, `TooLarge` past the limits,
        `NotFound`, `Forbidden` and `Unavailable` as the source answers.
        """
        source = open_source(uri, self.transport.network, allow_hosts=allow_hosts)
        with tempfile.TemporaryDirectory(prefix="modelry-import-") as folder:
            copied = Copy(source, Path(folder), max_files, max_bytes, report_for(progress))
            digest, size_bytes = copied.run(uri)
            artifact = {
                "name": ARTIFACT,
                "kind": "model",
                "uri": uri,
                "digest": digest,
                "size_bytes": size_bytes,
            }
            described["metadata"] = {**(described.get("metadata") or {}), "source_uri": uri}
            described["artifacts"] = [*(described.get("artifacts") or ()), artifact]
            pushed = self.push(folder, model, namespace=namespace, progress=progress, **described)
        if pushed.digest != digest:
            raise Damaged(
                f"What was pushed as {pushed.reference} is not what was read from {uri}.",
                next_step="Something wrote to the temporary directory; import again, and delete"
                " that version.",
            )
        return pushed


class Copy:
    """Brings the files of a source to a directory, within limits, and hashes them on the way."""

    def __init__(
        self,
        source: Source,
        folder: Path,
        max_files: int = MAX_FILES,
        max_bytes: int = MAX_BYTES,
        report: Report | None = None,
    ) -> None:
        self._source = source
        self._folder = folder
        self._max_files = max_files
        self._max_bytes = max_bytes
        self._left = max_bytes
        self._meter = Meter(report)

    def run(self, uri: str) -> tuple[str, int]:
        """Copy all; the digest that the version must have, and how many bytes there are."""
        files = self._listed(uri)
        self._meter.begin("importing", sum(file.size_bytes or 0 for file in files))
        rows = [self._copied(file) for file in files]
        self._meter.finish()
        return manifest_digest(rows), sum(size for _, size, _ in rows)

    def _listed(self, uri: str) -> list[SourceFile]:
        files: list[SourceFile] = []
        total = 0
        for file in self._source.files():
            files.append(file)
            total += file.size_bytes or 0
            if len(files) > self._max_files:
                raise TooLarge(
                    f"{uri} holds more than {self._max_files} files.",
                    next_step="Import a smaller place, or raise the limit with --max-files.",
                )
            if total > self._max_bytes:
                raise self._too_large()
        faults = [(ascii(f.path), fault) for f in files if (fault := path_fault(f.path))]
        faults += collisions(file.path for file in files)
        if faults:
            raise Invalid(
                f"{uri} holds {len(faults)} files that no version can hold.",
                problems=faults[:20],
                next_step="Rename them there, or import a place without them.",
            )
        if not files:
            raise Invalid(f"{uri} holds no files.", next_step="Check the URI.")
        return files

    def _copied(self, file: SourceFile) -> tuple[str, int, str]:
        target = self._folder / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        whole, size = hashlib.sha256(), 0
        with target.open("xb") as out:
            for block in self._source.read(file):
                size += len(block)
                self._left -= len(block)
                if self._left < 0:
                    raise self._too_large()
                whole.update(block)
                out.write(block)
                self._meter.add(len(block))
        if file.size_bytes is not None and size != file.size_bytes:
            raise Damaged(
                f"{file.path!r} came with {size} bytes where {file.size_bytes} were listed.",
                next_step="Wait until whatever writes it is done, then import again.",
            )
        return file.path, size, whole.hexdigest()

    def _too_large(self) -> TooLarge:
        return TooLarge(
            f"This is more than {self._max_bytes} bytes.",
            next_step="Import a smaller place, or raise the limit with --max-bytes.",
        )
