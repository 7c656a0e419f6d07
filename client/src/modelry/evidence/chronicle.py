"""The history in an evidence pack: who did what, when and why, each event with its proof."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from modelry.errors import Forbidden, NotFound
from modelry.evidence.events import EVENTS, KEYS, Trail
from modelry.evidence.packs import Pack
from modelry.evidence.pages import Page
from modelry.records import Version

if TYPE_CHECKING:
    from modelry.client import Modelry

STAGES = "stages.json"
_HEADING = ("when", "what", "of", "who", "why", "proof")


@dataclass(slots=True)
class Chronicle:
    """What happened to a version: its events, and the stages and approvals that they tell of.

    What cannot be read is named in `lacking`.
    """

    registry: "Modelry"
    version: Version
    pack: Pack
    trail: Trail
    lacking: list[str]
    _aliases: set[str] = field(default_factory=set)
    _stages: list[Mapping[str, Any]] = field(default_factory=list)
    _decided: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def write(self, page: Page, evaluations: Iterable[str]) -> None:
        """Add events, proofs, stages and approvals to the pack, and show them on the page."""
        self._events(page, evaluations)
        self._passed(page)
        self._approved(page)
        for spool in (self.trail.events, self.trail.proofs, self.trail.sealed()):
            self.pack.add(spool)
        keys = self.trail.keys()
        if keys is not None:
            self.pack.document(KEYS, keys, "public keys that the registry signs checkpoints with")

    def _events(self, page: Page, evaluations: Iterable[str]) -> None:
        name = f"{self.version.namespace}/{self.version.model}"
        subject = f"{name}/{self.version.number}"
        self._aliases.update(self.version.aliases)
        page.heading("What happened to the version")
        page.table(_HEADING, self._told("version", subject), whole=EVENTS)
        page.heading("What was approved, evaluated and pointed at")
        rest = chain.from_iterable(
            self._told(kind, each)
            for kind, each in chain(
                (("approval", each) for each in self._approvals(name)),
                (("evaluation", f"{subject}/{each}") for each in evaluations),
                (("alias", f"{name}@{alias}") for alias in sorted(self._aliases)),
            )
        )
        page.table(_HEADING, rest, whole=EVENTS)
        page.heading("What happened to the model")
        page.table(_HEADING, self._told("model", name), whole=EVENTS)

    def _told(self, kind: str, subject: str) -> Iterator[tuple[Any, ...]]:
        for event, proof in self.trail.of(kind, subject):
            after = event.get("after") or {}
            if kind == "version":
                self._aliases.update(after.get("aliases") or ())
                self._stages.extend(_stage_change(event))
            if kind == "approval" and after:
                self._decided.setdefault(event["subject"], after)
            why = event.get("reason") or ""
            yield event["at"], event["action"], event["subject"], event["actor"], why, proof

    def _approvals(self, model: str) -> Iterator[str]:
        """The subjects of the version's requests for approval."""
        path = self.registry.resolve(model).model_path()
        try:
            found = self.registry.transport.items(
                f"{path}/versions/{self.version.number}/approvals"
            )
            for each in found:
                yield f"{model} {each['id']}"
        except (Forbidden, NotFound):
            self.lacking.append("approvals: they cannot be read")

    def _passed(self, page: Page) -> None:
        self.pack.document(STAGES, self._stages, "the stages it went through, newest first")
        page.heading("Stages")
        columns = ("at", "from", "to", "action", "actor", "reason")
        page.table(columns, ([each[column] for column in columns] for each in self._stages))

    def _approved(self, page: Page) -> None:
        decided = [self._decided[key] for key in sorted(self._decided)]
        self.pack.document("approvals.json", decided, "requests for approval and their decisions")
        page.heading("Approvals")
        page.table(
            ("from", "to", "state", "requested by", "digest judged", "decisions"),
            (_approval_row(each) for each in decided),
        )


def _stage_change(event: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The change of stage that the event of a version tells of, if it does."""
    after, before = event.get("after") or {}, event.get("before")
    if "stage" not in after or before is None or "stage" not in before:
        return
    yield {
        "at": event["at"],
        "from": before["stage"],
        "to": after["stage"],
        "action": event["action"],
        "actor": event["actor"],
        "reason": event.get("reason") or "",
        "event": event["id"],
    }


def _approval_row(approval: Mapping[str, Any]) -> tuple[Any, ...]:
    decisions = "; ".join(
        f"{each.get('verdict')} by {each.get('by')} at {each.get('at')}"
        for each in approval.get("decisions") or ()
    )
    names = ("from_stage", "to_stage", "state", "requested_by", "digest")
    return (*(approval.get(name) for name in names), decisions)
