"""Verifying the log: each kind of tampering is found, and the first event it met is named."""

import copy
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain import canonical as registry_side
from core.domain.checkpoints import leaf_content
from core.domain.merkle import leaf_digest, root_of
from core.domain.merkle import root_from_path as registry_root_from_path
from modelry.audit import canonical as client_side
from modelry.audit.checkpoints import digest, read_keys
from modelry.audit.findings import Kind
from modelry.audit.verification import Known, Verification, verify_export, verify_proof
from modelry.errors import Invalid, ModelryError
from tests.api.client import Api
from tests.auditing import busy_world, events_of, exported, read_lines, write_lines
from tests.builders import World
from tests.contract.entities import event
from tests.unit.test_merkle import VALUES


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of a log with four checkpoints, as it should be."""
    return exported(busy_world(), tmp_path_factory.mktemp("export"))


@pytest.fixture
def export(whole: Path, tmp_path: Path) -> Path:
    """A copy of it to tamper with."""
    for file in whole.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def test_a_log_that_nobody_touched_is_good(whole: Path) -> None:
    result = verify_export(whole)

    assert result.findings == []
    assert result.checkpoints == 4
    assert result.sealed > 15
    assert result.unsealed > 0  # what reading it for the export wrote
    assert result.last.startswith("4:")


def sealed_lines(export: Path) -> list[Any]:
    return read_lines(export / "events.ndjson")


# What somebody does to the lines of an export's events, and what is then said of which line.
EVENT_TAMPERINGS: dict[str, tuple[Callable[[list[Any]], int], Kind]] = {}


def tampering(kind: Kind) -> Callable[[Callable[[list[Any]], int]], Callable[[list[Any]], int]]:
    def register(tamper: Callable[[list[Any]], int]) -> Callable[[list[Any]], int]:
        EVENT_TAMPERINGS[tamper.__name__] = (tamper, kind)
        return tamper

    return register


@tampering(Kind.ALTERED)
def another_actor(lines: list[Any]) -> int:
    lines[5]["actor"] = "subject:dev:mallory"
    return 5


@tampering(Kind.ALTERED)
def another_number_deep_inside(lines: list[Any]) -> int:
    at = next(i for i, line in enumerate(lines) if line["action"] == "namespace.updated")
    lines[at]["after"]["metadata"]["big"] += 1
    return at


@tampering(Kind.ALTERED)
def another_time(lines: list[Any]) -> int:
    lines[3]["at"] = lines[3]["at"].replace("Z", "0Z")
    return 3


@tampering(Kind.ALTERED)
def a_field_taken_away(lines: list[Any]) -> int:
    del lines[4]["address"], lines[4]["actor"]
    return 4


@tampering(Kind.ALTERED)
def a_field_added(lines: list[Any]) -> int:
    lines[4]["approved"] = True
    return 4


@tampering(Kind.ALTERED)
def several_altered_and_the_first_is_named(lines: list[Any]) -> int:
    for at in (9, 6, 12):
        lines[at]["reason"] = "another"
    return 6


@tampering(Kind.REMOVED)
def one_removed(lines: list[Any]) -> int:
    lines[7:8] = []
    return 7


@tampering(Kind.REMOVED)
def the_first_removed(lines: list[Any]) -> int:
    del lines[0]
    return 0


@tampering(Kind.ADDED)
def one_added(lines: list[Any]) -> int:
    forged = {**lines[4], "id": f"{lines[4]['id'][:-1]}{'0' if lines[4]['id'][-1] != '0' else '1'}"}
    lines.append(forged)
    lines.sort(key=lambda line: line["id"])
    return -1


@tampering(Kind.ADDED)
def one_there_twice(lines: list[Any]) -> int:
    lines.insert(6, copy.deepcopy(lines[5]))
    return 5


@tampering(Kind.REORDERED)
def two_swapped(lines: list[Any]) -> int:
    lines[5], lines[6] = lines[6], lines[5]
    return 5


@pytest.mark.parametrize(("tamper", "kind"), EVENT_TAMPERINGS.values(), ids=EVENT_TAMPERINGS.keys())
def test_what_was_done_to_events_is_found_and_the_first_is_named(
    export: Path, tamper: Callable[[list[Any]], int], kind: Kind
) -> None:
    before = sealed_lines(export)
    lines = copy.deepcopy(before)
    at = tamper(lines)
    write_lines(export / "events.ndjson", lines)

    result = verify_export(export)

    first = result.findings[0]
    assert first.kind is kind
    named = (
        before[at]["id"]
        if at >= 0
        else next(line["id"] for line in lines if line["id"] not in {each["id"] for each in before})
    )
    assert named in first.place


def test_a_line_that_is_no_json_any_more_is_found(export: Path) -> None:
    text = (export / "events.ndjson").read_text().splitlines()
    text[2] = text[2][:-10]
    (export / "events.ndjson").write_text("\n".join(text))

    kinds = {finding.kind for finding in verify_export(export).findings}

    assert kinds == {Kind.ALTERED, Kind.REMOVED}


def alter_root(batches: list[Any]) -> str:
    batches[1]["checkpoint"]["root"] = "0" * 64
    return "checkpoint 2 was altered"


def alter_size(batches: list[Any]) -> str:
    batches[2]["checkpoint"]["size"] -= 1
    return "checkpoint 3 was altered"


def alter_listed(batches: list[Any]) -> str:
    batches[2]["listed"]["total"] += 1
    return "checkpoint 3 was altered"


def forge_signature(batches: list[Any]) -> str:
    signature = batches[0]["checkpoint"]["signature"]
    batches[0]["checkpoint"]["signature"] = signature[:-1] + ("0" if signature[-1] != "0" else "1")
    return "checkpoint 1 was altered"


def sign_with_another_key(batches: list[Any]) -> str:
    batches[3]["checkpoint"]["key_id"] = "0" * 16
    return "checkpoint 4 was altered"


def remove_one(batches: list[Any]) -> str:
    del batches[1]
    return "checkpoint 2 was removed"


def remove_the_first(batches: list[Any]) -> str:
    del batches[0]
    return "checkpoint 1 was removed"


def remove_its_document(batches: list[Any]) -> str:
    batches[3] = {"missing": 4}
    return "checkpoint 4 was removed"


def swap_two(batches: list[Any]) -> str:
    batches[1], batches[2] = batches[2], batches[1]
    return "checkpoint 2 was removed"


def put_a_number_that_is_none(batches: list[Any]) -> str:
    batches[1]["checkpoint"]["at"] = float("1e999")
    return "checkpoint 2 was altered"


def repeat_one(batches: list[Any]) -> str:
    batches.insert(2, copy.deepcopy(batches[1]))
    return "checkpoint 2 was added"


def alter_a_leaf(batches: list[Any]) -> str:
    batches[1]["leaves"][2] = "0" * 64
    return f"event {batches[1]['events'][2]}"


def swap_leaves(batches: list[Any]) -> str:
    for name in ("events", "leaves"):
        items = batches[1][name]
        items[1], items[2] = items[2], items[1]
    return f"event {batches[1]['events'][2]}"


def spoil_a_document(batches: list[Any]) -> str:
    del batches[2]["leaves"]
    return "checkpoint 3 was altered"


CHAIN_TAMPERINGS = (
    alter_root, alter_size, alter_listed, forge_signature, sign_with_another_key, remove_one,
    remove_the_first, remove_its_document, swap_two, put_a_number_that_is_none, repeat_one,
    alter_a_leaf, swap_leaves, spoil_a_document,
)  # fmt: skip


@pytest.mark.parametrize("tamper", CHAIN_TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_what_was_done_to_checkpoints_is_found_and_the_first_is_named(
    export: Path, tamper: Callable[[list[Any]], str]
) -> None:
    batches = read_lines(export / "checkpoints.ndjson")
    named = tamper(batches)
    write_lines(export / "checkpoints.ndjson", batches)

    result = verify_export(export)

    assert str(result.findings[0]).startswith(named)


def test_an_altered_leaf_is_told_from_an_altered_event(export: Path) -> None:
    batches = read_lines(export / "checkpoints.ndjson")
    alter_a_leaf(batches)
    write_lines(export / "checkpoints.ndjson", batches)

    assert "its leaf is not" in verify_export(export).findings[0].why


def test_a_log_cut_short_is_found_by_whoever_kept_a_later_checkpoint(export: Path) -> None:
    batches = read_lines(export / "checkpoints.ndjson")
    kept = Known(4, digest(batches[3]["checkpoint"]))
    assert verify_export(export, known=kept).is_good
    sealed = {each for batch in batches[:2] for each in batch["events"]}
    write_lines(export / "checkpoints.ndjson", batches[:2])
    lines = [line for line in sealed_lines(export) if line["id"] in sealed]
    write_lines(export / "events.ndjson", lines)
    assert verify_export(export).is_good

    (finding,) = verify_export(export, known=kept).findings

    assert "checkpoint 4 was removed" in str(finding)
    assert "truncated" in finding.why


def test_a_log_sealed_anew_is_found_by_whoever_kept_a_checkpoint(
    export: Path, tmp_path: Path
) -> None:
    kept = verify_export(export).last
    other = exported(busy_world(), tmp_path / "other")

    result = verify_export(other, known=Known.read(kept))

    assert "not the one that is known" in result.findings[0].why


def test_a_log_signed_by_another_key_is_found_by_whoever_kept_the_keys(
    export: Path, tmp_path: Path
) -> None:
    kept = read_keys(json.loads((export / "keys.json").read_text()))
    world = World(audit_key="22" * 32)
    from tests.auditing import SWEEP

    world.registry.sealing.seal(SWEEP)
    forged = exported(world, tmp_path / "forged")
    assert verify_export(forged).is_good

    result = verify_export(forged, keys=kept)

    assert "signed by a key that is not given" in result.findings[0].why


def tampered(world: World, tmp_path: Path, **options: Any) -> Verification:
    return verify_export(exported(world, tmp_path / "tampered", **options))


def test_an_event_altered_in_the_database_is_found(tmp_path: Path) -> None:
    world = busy_world()
    chosen = sorted(world.database._tables.events)[3]
    event = world.database._tables.events[chosen]
    world.database._tables.events[chosen] = replace(event, actor="subject:dev:mallory")

    result = tampered(world, tmp_path)

    assert chosen in str(result.findings[0])
    assert result.findings[0].kind is Kind.ALTERED


def test_a_download_removed_from_the_database_is_found(tmp_path: Path) -> None:
    world = busy_world()
    chosen = min(world.database._tables.accesses)
    del world.database._tables.accesses[chosen]

    result = tampered(world, tmp_path)

    assert chosen in str(result.findings[0])
    assert result.findings[0].kind is Kind.REMOVED


@pytest.mark.parametrize("is_sealed_after", [False, True])
def test_an_event_added_to_the_database_with_a_false_date_is_found(
    tmp_path: Path, is_sealed_after: bool
) -> None:
    world = busy_world()
    false = event("default/iris", at=world.clock.now() - timedelta(seconds=700))
    world.database._tables.events[false.id] = false
    if is_sealed_after:
        from tests.auditing import SWEEP

        world.registry.sealing.seal(SWEEP)

    result = tampered(world, tmp_path)

    assert false.id in str(result.findings[0])
    assert result.findings[0].kind is Kind.ADDED


def test_a_batch_altered_with_its_event_in_the_database_is_found_in_the_store(
    tmp_path: Path,
) -> None:
    world = busy_world()
    tables = world.database._tables
    batch = tables.batches[2]
    chosen = batch.events[1]
    altered = replace(events_of(world)[chosen], reason="another")
    (tables.events if chosen in tables.events else tables.accesses)[chosen] = altered
    leaf = leaf_digest(leaf_content(altered)).hex()
    leaves = (batch.leaves[0], leaf, *batch.leaves[2:])
    tables.batches[2] = replace(batch, leaves=leaves)
    tables.checkpoints[2] = replace(
        tables.checkpoints[2], root=root_of([bytes.fromhex(each) for each in leaves]).hex()
    )

    result = tampered(world, tmp_path)
    from_database = verify_export(exported(world, tmp_path / "database", copy="database"))

    assert any(chosen in str(finding) for finding in result.findings)
    assert "the database has another" in result.findings[0].why
    assert from_database.findings[0].place == "checkpoint 2"


def proof_of(world: World, at: int) -> dict[str, Any]:
    batch = world.database._tables.batches[2]
    answer = Api(world).get(f"/api/v1/audit/events/{batch.events[at]}/proof")
    assert answer.status_code == 200, answer.text
    proof: dict[str, Any] = answer.json()
    return proof


def test_a_proof_is_good_without_any_other_event(export: Path) -> None:
    world = busy_world()
    keys = read_keys(json.loads((export / "keys.json").read_text()))

    for at in range(len(world.database._tables.batches[2].events)):
        verify_proof(proof_of(world, at), keys)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("event", "actor"), "subject:dev:mallory"),
        (("index",), 0),
        (("path",), []),
        (("path", 0), "0" * 64),
        (("checkpoint", "root"), "0" * 64),
        (("checkpoint", "key_id"), "0" * 16),
        (("checkpoint",), {}),
        (("event",), None),
    ],
)
def test_a_proof_of_which_anything_was_altered_is_refused(
    export: Path, path: tuple[Any, ...], value: Any
) -> None:
    keys = read_keys(json.loads((export / "keys.json").read_text()))
    proof = proof_of(busy_world(), 2)
    place: Any = proof
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value

    with pytest.raises(Invalid):
        verify_proof(proof, keys)


def test_without_cryptography_it_says_what_to_install(
    whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)

    with pytest.raises(ModelryError, match="modelry\\[audit\\]"):
        verify_export(whole)


@pytest.mark.parametrize(
    "name", ["export.json", "keys.json", "events.ndjson", "checkpoints.ndjson"]
)
def test_a_folder_that_is_no_export_is_refused(export: Path, name: str) -> None:
    (export / name).unlink()

    with pytest.raises(Invalid, match=name):
        verify_export(export)


@pytest.mark.parametrize("text", ["", "4", "x:" + "0" * 64, "4:abc"])
def test_a_checkpoint_is_known_by_number_and_digest(text: str) -> None:
    with pytest.raises(Invalid):
        Known.read(text)


@given(VALUES | st.integers())
def test_registry_and_client_spell_values_the_same(value: Any) -> None:
    assert client_side.canonical_json(value) == registry_side.canonical_json(value)


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40), st.integers(0, 39))
def test_registry_and_client_have_the_same_trees(leaves: list[bytes], index: int) -> None:
    assert client_side.merkle_root(leaves) == root_of(leaves)
    arguments = (leaves[0], index, len(leaves), leaves[1:6])
    assert client_side.root_from_path(*arguments) == registry_root_from_path(*arguments)


def test_registry_and_client_hash_the_vectors_of_the_specification() -> None:
    text = (Path(__file__).parents[2] / "docs/audit.md").read_text(encoding="utf-8")
    vectors = json.loads(text.split("```json vectors\n")[1].split("```")[0])

    for vector in vectors:
        value = vector["value"]
        assert registry_side.canonical_json(value) == vector["canonical"].encode()
        assert client_side.canonical_json(value) == vector["canonical"].encode()
        assert leaf_digest(vector["canonical"].encode()).hex() == vector["leaf"]


def test_an_event_has_the_same_leaf_on_both_sides() -> None:
    world = busy_world(1)

    for each in events_of(world).values():
        answer = Api(world).get(f"/api/v1/audit/events/{each.id}").json()
        assert client_side.event_leaf(answer) == leaf_digest(leaf_content(each))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["events.ndjson", "checkpoints.ndjson", "export.json", "keys.json"]),
    st.floats(0, 0.999),
    st.sampled_from(
        [b"", b"0", b'"', b"}", b"NaN", b"null", b"\xff", b"\n", b"[[", b"1e999", b"{}"]
    ),
    st.integers(0, 40),
)
def test_whatever_an_export_holds_it_is_judged_and_nothing_breaks(
    whole: Path, tmp_path: Path, name: str, at: float, put: bytes, cut: int
) -> None:
    for file in whole.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    content = (whole / name).read_bytes()
    place = int(len(content) * at)
    (tmp_path / name).write_bytes(content[:place] + put + content[place + cut :])

    try:
        verify_export(tmp_path)
    except Invalid:
        return
