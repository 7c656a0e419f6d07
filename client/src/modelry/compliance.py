"""What rules ask of a version, and the policies of a namespace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from modelry.moments import moment
from modelry.records import Record
from modelry.references import Reference
from modelry.session import Session, given


@dataclass(frozen=True, repr=False)
class ComplianceReport(Record):
    """What the documentation of a version lacks, by rule set; `counts` sums it up."""

    namespace: str = ""
    model: str = ""
    number: int = 0
    risk_class: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    rule_sets: list[Mapping[str, Any]] = field(default_factory=list)

    def _shown(self) -> str:
        counted = ", ".join(f"{count} {name}" for name, count in self.counts.items())
        return f"{self.namespace}/{self.model}:{self.number}, {counted}"


@dataclass(frozen=True, repr=False)
class Retention(Record):
    """How long a namespace keeps what is deleted; None as the registry is set up."""

    namespace: str = ""
    grace_days: int | None = None
    upload_days: int | None = None
    keep: list[Mapping[str, Any]] = field(default_factory=list)


class Compliance(Session):
    """Reports of what lacks, retention, and the rules that apply."""

    def compliance(
        self,
        reference: str | Reference,
        *,
        rules: Sequence[str] | None = None,
        namespace: str | None = None,
        as_of: datetime | str | None = None,
    ) -> ComplianceReport:
        """What the documentation of a version lacks: by these rule sets (`gdpr`, …), else by
        those of its namespace. Raises `NotFound`, `Invalid`."""
        path = self.resolve(reference, namespace).version_path()
        query = given(rules=list(rules) if rules else None, as_of=moment(as_of))
        return ComplianceReport.read(self.transport.get(f"{path}/compliance", **query).document)

    def retention(
        self, namespace: str | None = None, *, as_of: datetime | str | None = None
    ) -> Retention:
        """How long a namespace keeps what is deleted."""
        path = f"{self.in_namespace(namespace)}/retention"
        return Retention.read(self.transport.get(path, **given(as_of=moment(as_of))).document)

    def set_retention(
        self,
        *,
        grace_days: int | None = None,
        upload_days: int | None = None,
        keep: Sequence[Mapping[str, Any]] = (),
        etag: str | None = None,
        namespace: str | None = None,
        reason: str | None = None,
    ) -> Retention:
        """Set how long a namespace keeps what is deleted, in place of what it said before.

        `keep` are rules such as `{"days": 3650, "risk_classes": ["high"]}`, of `risk_classes`,
        `stages` and `aliases`. Raises `Invalid`, `Stale` if it is not at `etag` any more, and
        `Forbidden` for all but owners.
        """
        body = given(grace_days=grace_days, upload_days=upload_days, keep=list(keep))
        path = f"{self.in_namespace(namespace)}/retention"
        headers = given(**{"If-Match": etag})
        answer = self.transport.request(
            "PUT", path, query={"reason": reason}, body=body, headers=headers
        )
        return Retention.read(answer.document)

    def rule_sets(self, namespace: str | None = None) -> Mapping[str, Any]:
        """The rule sets of a namespace (`rule_sets`, None: all), and those `available`."""
        found: Mapping[str, Any] = self.transport.get(
            f"{self.in_namespace(namespace)}/rule-sets"
        ).document
        return found

    def set_rule_sets(
        self,
        rule_sets: Sequence[str] | None,
        *,
        namespace: str | None = None,
        reason: str | None = None,
    ) -> Mapping[str, Any]:
        """Choose the rule sets that versions are held against; None for all."""
        ids = None if rule_sets is None else list(rule_sets)
        answer = self.transport.request(
            "PUT",
            f"{self.in_namespace(namespace)}/rule-sets",
            query={"reason": reason},
            body={"rule_sets": ids},
        )
        found: Mapping[str, Any] = answer.document
        return found
