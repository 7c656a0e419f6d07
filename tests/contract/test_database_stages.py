"""Versions by stage, and lifecycles, on every implementation of the store."""

from core.domain.retention import Retention
from core.domain.versions import ByStage, VersionState
from core.ports import Database
from tests.contract.entities import store, version

READY = VersionState.READY


def in_stage(database: Database, stage: str | None) -> int | None:
    found = database.versions.find("fraud", "iris", ByStage(stage))
    return None if found is None else found.number


def test_a_stage_names_its_newest_ready_version(database: Database) -> None:
    store(
        database,
        version(1, stage="Staging", state=READY),
        version(2, stage="Staging", state=READY),
        version(3, stage="Staging", state=VersionState.PENDING),
        version(4, stage="Staging", state=READY, retention=Retention.DELETED),
        version(5, stage="staging", state=READY),
        version(6, stage="Staging", state=READY, model="other"),
        version(7, state=READY),
    )

    assert in_stage(database, "Staging") == 2
    assert in_stage(database, None) == 7
    assert in_stage(database, "Production") is None
