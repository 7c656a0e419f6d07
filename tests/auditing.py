"""A world whose log is sealed, and its export as a client writes it."""

import json
from pathlib import Path
from typing import Any

from core.domain.access import Role, system_caller
from core.domain.events import Event
from core.domain.versions import ByNumber
from tests.api.client import Api, bearer
from tests.builders import ADMIN, World

SWEEP = system_caller("sweep")


def busy_world(checkpoints: int = 4) -> World:
    """A world in which a few things were done, refused and pulled under each checkpoint."""
    world = World()
    world.pushed({"model.bin": b"weights"})
    for number in range(checkpoints):
        world.clock.advance(seconds=300)
        world.registry.models.register(ADMIN, "default", f"model-{number}", {"owner": "é\u20ac😀"})
        world.registry.downloads.get(ADMIN, "default", "iris", ByNumber(1), "model.bin")
        world.registry.namespaces.update(
            ADMIN,
            "default",
            {"metadata": {"n": 1.5e-7, "big": 2**60 + number, "z": [1, 2.0, None]}},
            expected_revision=None,
        )
        world.registry.sealing.seal(SWEEP)
    return world


def exported(world: World, folder: Path, *, copy: str = "store") -> Path:
    """Write what `modelry audit export` writes, from the same answers of the registry."""
    api = Api(world)
    auditor = bearer(world.token(("*", Role.AUDITOR), subject="auditor"))
    folder.mkdir(parents=True, exist_ok=True)

    def get(path: str) -> Any:
        return api.get(path, headers=auditor)

    lines = []
    for listed in get("/api/v1/audit/checkpoints?page_size=1000").json()["items"]:
        answer = get(f"/api/v1/audit/checkpoints/{listed['number']}?copy={copy}")
        found = answer.status_code == 200
        lines.append({**answer.json(), "listed": listed} if found else {"missing": 1})
    write_lines(folder / "checkpoints.ndjson", lines)
    keys = api.get("/.well-known/modelry-audit-keys").json()
    (folder / "keys.json").write_text(json.dumps(keys))
    (folder / "export.json").write_text(json.dumps({"selection": {}}))
    token, text = "", ""
    while True:
        page = get(f"/api/v1/audit/events?order=oldest&format=ndjson&page_size=7{token}")
        text += page.text
        if "modelry-next-page-token" not in page.headers:
            break
        token = f"&page_token={page.headers['modelry-next-page-token']}"
    (folder / "events.ndjson").write_text(text)
    return folder


def write_lines(path: Path, items: list[Any]) -> None:
    path.write_text("".join(f"{json.dumps(item)}\n" for item in items))


def read_lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def events_of(world: World) -> dict[str, Event]:
    """All that was told, of both sorts, by id."""
    tables = world.database._tables
    return {**tables.events, **tables.accesses}
