"""What goes into an evidence pack: asked of the registry page by page, as of one moment.

Nothing is held but one page of a list at a time; what is read is written, and shown on the page.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from modelry.errors import Conflict, Forbidden, NotFound
from modelry.evidence.chronicle import Chronicle
from modelry.evidence.events import PROOFS, Trail
from modelry.evidence.packs import INDEX, Pack, Spool
from modelry.evidence.pages import Page
from modelry.records import Model, Version
from modelry.sections import version_sections

if TYPE_CHECKING:
    from modelry.client import Modelry

FILES, REPORT, LINEAGE = "files.ndjson", "compliance.json", "lineage.json"
_LOOKED_BACK = 20


@dataclass(slots=True)
class Collector:
    """Collects the evidence on one version, as it was at a moment, into a pack."""

    registry: "Modelry"
    model: Model
    version: Version
    as_of: str
    pack: Pack
    lacking: list[str] = field(default_factory=list)
    files: int = 0

    def collect(self) -> Mapping[str, Any]:
        """Write all members and seal the pack; what the manifest says beside them."""
        spool = Spool(INDEX, "this evidence for people")
        page = Page(spool, f"Evidence on {self.version.reference}")
        trail = Trail(self.registry, self.version.namespace, self.as_of)
        self._subject(page)
        self._compliance(page)
        evaluations = self._evaluations(page)
        self._lineage(page)
        history = Chronicle(self.registry, self.version, self.pack, trail, self.lacking)
        history.write(page, evaluations)
        self._files(page)
        about = self._about(trail)
        self._ending(page, about)
        self.pack.add(spool)
        self.pack.seal(about)
        return about

    @property
    def _path(self) -> str:
        return f"{self._model_path}/versions/{self.version.number}"

    @property
    def _model_path(self) -> str:
        return self.registry.resolve(f"{self.model.namespace}/{self.model.name}").model_path()

    def _subject(self, page: Page) -> None:
        """What it is about, and what it is for."""
        version, model = self.version, self.model
        page.fields(
            {
                "version": f"{version.reference} ({version.version or 'no semantic version'})",
                "digest of its files": version.digest,
                "state": f"{version.state}, {version.retention}",
                "stage": version.raw.get("stage"),
                "deprecated": version.raw.get("deprecation"),
                "aliases": " ".join(f"@{alias}" for alias in version.aliases),
                "registered": f"{version.raw.get('created_at')} by {version.created_by}",
                "as of": self.as_of,
                "registry": self.registry.url,
            }
        )
        self.pack.document("version.json", version.raw, "the version")
        self.pack.document("model.json", model.raw, "the model")
        page.heading("What it is for", note="As the model says it; model.json has all of it.")
        page.fields(_flat(model.compliance))
        readme = (model.raw.get("card") or {}).get("readme")
        if isinstance(readme, str) and readme.strip():
            card = Spool("card.md", "the model card, in Markdown")
            card.write(readme.encode("utf-8", "replace"))
            self.pack.add(card)
            page.heading("Model card")
            page.text(readme)
        page.heading("Legal holds")
        holds = [*model.holds, *version.holds]
        columns = ("reference", "reason", "by", "at")
        page.table(("matter", "why", "who", "when"), ([each[n] for n in columns] for each in holds))

    def _compliance(self, page: Page) -> None:
        """What the rules ask for, and what lacks."""
        found = self.registry.compliance(self._reference, as_of=self.as_of)
        self.pack.document(REPORT, found.raw, "what the rules ask for, and what lacks")
        page.heading(
            "What the rules ask for",
            note="It says what is documented, not whether that is true and enough.",
        )
        page.fields({"risk class": found.risk_class or "not said", **found.counts})
        for chapter in found.rule_sets:
            page.subheading(chapter["title"])
            if not chapter["applies"]:
                page.note(f"Does not apply: {chapter['why']}.")
                continue
            page.table(
                ("law", "what", "status", "found in", "lacks"),
                (
                    (
                        each["law"],
                        each["title"],
                        each["status"],
                        ", ".join(each["found"]),
                        each["why"] or ", ".join(each["lacking"]),
                    )
                    for each in chapter["findings"]
                ),
            )

    def _evaluations(self, page: Page) -> list[str]:
        """Each evaluation with its whole report, as a member of its own. Their ids."""
        ids: list[str] = []

        def rows() -> Iterator[tuple[Any, ...]]:
            for each in self.registry.evaluations(self._reference, as_of=self.as_of):
                address = f"{self._path}/evaluations/{each.id}"
                whole = self.registry.transport.get(address, as_of=self.as_of).document
                path = f"evaluations/{each.id}.json"
                self.pack.document(path, whole, f"evaluation on {each.dataset.get('name')}")
                ids.append(each.id)
                metrics = ", ".join(f"{name} {value}" for name, value in each.metrics.items())
                yield (
                    each.dataset.get("name"),
                    each.dataset.get("digest"),
                    metrics,
                    each.evaluator.get("name"),
                    each.raw.get("evaluated_at"),
                    each.created_by,
                    path,
                )

        page.heading("Evaluations")
        heading = ("data set", "its digest", "metrics", "evaluator", "when", "by", "report")
        page.table(heading, rows(), whole="evaluations/")
        return ids

    def _lineage(self, page: Page) -> None:
        """What it was made of, what came before it, where it runs."""
        version = self.version
        predecessor = self._predecessor()
        deployments = list(self._deployments())
        document = {
            "datasets": version.datasets,
            "code": version.code,
            "environment": version.environment,
            "parameters": version.parameters,
            "fingerprint": version.fingerprint,
            "pretrained": version.compliance.get("pretrained"),
            "predecessor": predecessor,
            "change": version.version_reason,
            "deployments": deployments,
        }
        self.pack.document(LINEAGE, document, "what it was made of, and where it runs")
        page.heading("How it was made")
        for section in version_sections(version)[1:]:
            if section.title not in {"Legal holds", "Record", "Files"}:
                page.section(section)
        page.subheading("Before it")
        page.fields(predecessor or {"version": "none"})
        page.subheading("Where it ran")
        columns = ("environment", "name", "follows", "serving", "observed_state", "endpoint")
        rows = ([each.get(column) for column in columns] for each in deployments)
        page.table(columns, rows, whole=LINEAGE)

    def _predecessor(self) -> Mapping[str, Any] | None:
        """The next lower version that was ready."""
        names = ("number", "version", "digest", "fingerprint", "created_at", "created_by")
        lower = range(self.version.number - 1, max(0, self.version.number - _LOOKED_BACK - 1), -1)
        for number in lower:
            reference = f"{self.version.namespace}/{self.version.model}:{number}"
            try:
                found = self.registry.version(reference, as_of=self.as_of)
            except NotFound:
                continue
            if found.state == "ready":
                return {name: found.raw.get(name) for name in names}
        return None

    def _deployments(self) -> Iterator[Mapping[str, Any]]:
        found = self.registry.deployments(
            model=self.model.name, namespace=self.model.namespace, as_of=self.as_of
        )
        try:
            for each in found:
                if self.version.number in {each.serving, each.pinned, *map(int, each.traffic)}:
                    yield each.raw
        except (Forbidden, NotFound):
            self.lacking.append("deployments: they cannot be read")

    def _files(self, page: Page) -> None:
        spool = Spool(FILES, "every file of the version, by path, with its SHA-256")

        def rows() -> Iterator[tuple[Any, ...]]:
            try:
                for each in self.registry.files(self._reference, as_of=self.as_of):
                    row = {n: each.raw[n] for n in ("path", "size_bytes", "sha256")}
                    spool.line(row)
                    yield each.path, f"{each.size_bytes:,}", each.sha256
            except Conflict:
                self.lacking.append("files: their list was purged since")

        page.heading("Files", note="The bytes are not in this pack: `modelry pull` fetches them.")
        page.table(("path", "bytes", "SHA-256"), rows(), whole=FILES)
        self.files = spool.lines
        self.pack.add(spool)

    def _about(self, trail: Trail) -> Mapping[str, Any]:
        version = self.version
        if trail.proven < trail.count:
            why = trail.why_not or "not sealed yet"
            self.lacking.append(f"proofs: {trail.count - trail.proven} events have none: {why}")
        return {
            "subject": version.reference,
            "digest": version.digest,
            "as_of": self.as_of,
            "registry": self.registry.url,
            "files": self.files,
            "events": trail.count,
            "proven": trail.proven,
            "lacking": sorted(set(self.lacking)),
        }

    def _ending(self, page: Page, about: Mapping[str, Any]) -> None:
        page.heading(
            "What is in this pack",
            note=f"{about['events']:,} audit events, {about['proven']:,} of them proven by"
            f" {PROOFS}. `modelry evidence verify` checks every digest and every proof without"
            " asking the registry; evidence.json is the manifest.",
        )
        for each in about["lacking"]:
            page.note(f"Lacks {each}.")
        rows = ((e["path"], e["about"], e["size_bytes"], e["sha256"]) for e in self.pack.members)
        page.table(("member", "what", "bytes", "SHA-256"), rows, whole="evidence.json")
        page.end()

    @property
    def _reference(self) -> str:
        return self.version.reference


def _flat(said: Mapping[str, Any], place: str = "") -> dict[str, Any]:
    """The leaves of nested maps, each with the way to it."""
    found: dict[str, Any] = {}
    for name, value in said.items():
        here = f"{place}.{name}" if place else name
        found |= _flat(value, here) if isinstance(value, Mapping) and value else {here: value}
    return found
