"""What a version's documentation lacks, as JSON."""

from typing import Any

from core.domain.compliance import Chapter, Finding, Report, Status


def report(entity: Report) -> dict[str, Any]:
    """The report, rule set by rule set."""
    version = entity.version
    return {
        "namespace": version.namespace,
        "model": version.model,
        "number": version.number,
        "version": version.version,
        "digest": version.digest,
        "risk_class": entity.risk_class,
        "counts": {
            "present": entity.count(Status.PRESENT),
            "partial": entity.count(Status.PARTIAL),
            "missing": entity.count(Status.MISSING),
            "not_applicable": entity.count(Status.NOT_APPLICABLE),
        },
        "rule_sets": [_chapter(each) for each in entity.chapters],
    }


def _chapter(chapter: Chapter) -> dict[str, Any]:
    return {
        "id": chapter.rule_set.id,
        "title": chapter.rule_set.title,
        "applies": not chapter.why,
        "why": chapter.why,
        "findings": [_finding(each) for each in chapter.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    requirement = finding.requirement
    is_done = finding.status in {Status.PRESENT, Status.NOT_APPLICABLE}
    return {
        "id": requirement.id,
        "title": requirement.title,
        "law": requirement.law,
        "status": finding.status,
        "found": finding.found,
        "lacking": finding.lacking,
        "why": finding.why,
        "next_step": "" if is_done else requirement.next_step,
    }
