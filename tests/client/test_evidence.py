"""Evidence packs: the same state makes the same bytes, and whatever is changed is named."""

import json
import secrets
import time
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from modelry import Damaged, Invalid, Modelry, NotFound
from modelry.evidence import verify_evidence
from modelry.evidence.packs import MANIFEST, Packing, Spool
from modelry.evidence.pages import MAX_ROWS, Page
from tests.client.commands import Command
from tests.parts import LocalRegistry

HOSTILE = "<script>alert(1)</script>\"'&]]>\u202e\x1b[31m"
SEALED_SECONDS = 90


@pytest.fixture
def name(registry: Modelry, tmp_path: Path) -> str:
    """Two versions of a model whose every word is hostile; the second is evaluated and held."""
    model = f"<b onclick='x'>&amp; {secrets.token_hex(4)}"
    registry.register_model(
        model,
        card={"readme": f"# Card\n\n{HOSTILE}\n"},
        compliance={"risk_class": "high", "intended_use": HOSTILE, HOSTILE: {HOSTILE: [HOSTILE]}},
    )
    for number in (1, 2):
        folder = tmp_path / "model"
        folder.mkdir(exist_ok=True)
        (folder / "model.bin").write_bytes(secrets.token_bytes(100))
        registry.push(
            folder,
            model,
            parameters={"n": number, HOSTILE: HOSTILE},
            datasets=[{"name": HOSTILE, "digest": "sha256:aa"}],
            tags={"<i>": HOSTILE},
        )
    registry.hold(f"{model}:2", matter="<script>alert(1)</script>", reason="litigation")
    registry.update_model(model, owner="us", reason="<img src=x onerror=alert(1)>")
    return model


@pytest.fixture
def packed(registry: Modelry, name: str, tmp_path: Path) -> Path:
    path = tmp_path / "pack.zip"
    registry.evidence(f"{name}:2", path)
    return path


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def rewritten(path: Path, target: Path, change: Callable[[dict[str, bytes]], Any]) -> Path:
    """The pack with its members changed, zipped anew."""
    held = members(path)
    change(held)
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in held.items():
            archive.writestr(name, content)
    return target


def resealed(held: dict[str, bytes]) -> None:
    """A manifest that agrees with the members again, as a forger would write it."""
    import hashlib

    about = json.loads(held[MANIFEST])
    for each in about["members"]:
        content = held[each["path"]]
        each |= {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    held[MANIFEST] = json.dumps(about).encode()


def test_a_pack_holds_what_it_lists_and_verifies(
    registry: Modelry, name: str, packed: Path
) -> None:
    held = members(packed)
    about = json.loads(held[MANIFEST])

    assert set(held) == {each["path"] for each in about["members"]} | {MANIFEST}
    assert {"index.html", "card.md", "version.json", "model.json", "compliance.json"} <= set(held)
    assert {"lineage.json", "stages.json", "approvals.json", "files.ndjson"} <= set(held)
    assert json.loads(held["version.json"]) == registry.version(f"{name}:2").raw
    lineage = json.loads(held["lineage.json"])
    assert lineage["predecessor"]["number"] == 1
    assert lineage["datasets"][0]["digest"] == "sha256:aa"
    verified = verify_evidence(packed)
    assert verified.subject == f"default/{name}:2"
    assert verified.digest == registry.version(f"{name}:2").digest
    assert verified.events == len(held["audit/events.ndjson"].splitlines()) >= 6
    actions = {json.loads(line)["action"] for line in held["audit/events.ndjson"].splitlines()}
    assert {"version.held", "version.registered", "model.updated"} <= actions


def test_the_same_moment_makes_the_same_bytes(
    registry: Modelry, name: str, packed: Path, tmp_path: Path
) -> None:
    as_of = json.loads(members(packed)[MANIFEST])["as_of"]
    registry.update_model(name, owner="them", reason="later")

    again = registry.evidence(f"{name}:2", tmp_path / "again.zip", as_of=as_of)
    now = registry.evidence(f"{name}:2", tmp_path / "now.zip")

    first, second = members(packed), members(again.path)
    sealed_meanwhile = first["audit/proofs.ndjson"] != second["audit/proofs.ndjson"]
    assert sealed_meanwhile or packed.read_bytes() == again.path.read_bytes()
    assert first["model.json"] == second["model.json"]
    assert json.loads(members(now.path)["model.json"])["owner"] == "them"


def test_the_page_is_well_formed_and_holds_nothing_but_text(packed: Path) -> None:
    page = members(packed)["index.html"].decode()

    tree = ElementTree.fromstring(page)
    tags = {element.tag for element in tree.iter()}
    assert tags <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "pre"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
    attributes = {key for element in tree.iter() for key in element.attrib}
    assert attributes <= {"lang", "charset", "http-equiv", "content", "name", "class"}
    text = "".join(tree.itertext())
    assert "<script>alert(1)</script>\"'&]]>" in text
    assert "<img src=x onerror=alert(1)>" in text
    assert not {"\x1b", "\u202e"} & set(page)
    assert "http://" not in page.replace("http://127.0.0.1", "")


def test_a_browser_meets_no_script_either(packed: Path) -> None:
    class Tags(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.met: set[str] = set()

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.met.add(tag)
            assert not any(key.startswith("on") for key, _ in attrs)

    tags = Tags()
    tags.feed(members(packed)["index.html"].decode())

    assert not tags.met & {"script", "img", "b", "i", "a", "iframe", "link"}


def test_a_member_that_was_changed_removed_or_added_is_named(packed: Path, tmp_path: Path) -> None:
    def alter(held: dict[str, bytes]) -> None:
        held["compliance.json"] = held["compliance.json"].replace(b"missing", b"present", 1)

    changes: list[tuple[Callable[[dict[str, bytes]], Any], str]] = [
        (alter, "compliance.json was altered"),
        (lambda held: held.pop("approvals.json"), "approvals.json was removed"),
        (lambda held: held.update({"more.json": b"{}"}), "more.json was added"),
        (lambda held: held.update({"../../evil": b""}), "evil was added"),
    ]
    for change, message in changes:
        with pytest.raises(Damaged, match=message):
            verify_evidence(rewritten(packed, tmp_path / "changed.zip", change))


def test_a_forger_who_mends_the_manifest_is_found_by_what_goes_together(
    packed: Path, tmp_path: Path
) -> None:
    def files(held: dict[str, bytes]) -> None:
        held["files.ndjson"] = held["files.ndjson"].replace(b'"size_bytes":100', b'"size_bytes":99')
        resealed(held)

    def document(held: dict[str, bytes]) -> None:
        held["model.json"] = held["model.json"].replace(b'"high"', b'"minimal"')
        resealed(held)

    def event(held: dict[str, bytes]) -> None:
        lines = held["audit/events.ndjson"].splitlines(keepends=True)
        held["audit/events.ndjson"] = b"".join(lines[1:])
        resealed(held)

    for change, message in (
        (files, r"files\.ndjson makes"),
        (document, r"model\.json says of compliance"),
        (event, "does not go with"),
    ):
        with pytest.raises(Damaged, match=message):
            verify_evidence(rewritten(packed, tmp_path / "forged.zip", change))


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_pack_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)

    with pytest.raises(Invalid, match="no evidence pack"):
        verify_evidence(path)


def test_a_truncated_pack_is_refused(packed: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.zip"
    path.write_bytes(packed.read_bytes()[:-200])

    with pytest.raises((Invalid, Damaged)):
        verify_evidence(path)


def test_a_compressed_member_is_no_member(packed: Path, tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members(packed).items():
            archive.writestr(name, content)

    with pytest.raises(Damaged, match="compressed"):
        verify_evidence(path)


def test_nothing_is_left_where_a_pack_could_not_be_made(
    registry: Modelry, name: str, tmp_path: Path
) -> None:
    with pytest.raises(NotFound):
        registry.evidence(f"{name}:9", tmp_path / "none" / "pack.zip")
    with pytest.raises(TypeError), Packing(tmp_path / "half.zip") as pack:
        pack.document("a.json", {"what": object()}, "")

    assert not list(tmp_path.glob("*half*"))


def test_a_reader_gets_a_pack_without_proofs_that_says_so(
    local_registry: LocalRegistry, name: str, tmp_path: Path
) -> None:
    with Modelry(local_registry.url, local_registry.token("reader")) as reader:
        done = reader.evidence(f"{name}:2", tmp_path / "pack.zip")

    assert done.about["proven"] == 0
    assert any("for owners and auditors" in each for each in done.about["lacking"])
    assert verify_evidence(done.path).proven == 0


def test_a_long_table_is_cut_and_says_where_the_rest_is() -> None:
    spool = Spool("index.html", "")
    page = Page(spool, "x")

    count = page.table(("n",), ([str(n)] for n in range(MAX_ROWS + 5)), whole="files.ndjson")
    page.end()

    text = spool.content().read().decode()
    assert count == MAX_ROWS + 5
    assert text.count("<tr>") == MAX_ROWS + 1
    assert "The first 1,000 of 1,005; all of them are in files.ndjson." in text
    ElementTree.fromstring(text)


@pytest.fixture
def sealed(registry: Modelry, name: str, tmp_path: Path) -> Path:
    """A pack whose every event is proven."""
    path = tmp_path / "sealed.zip"
    end = time.monotonic() + SEALED_SECONDS
    registry.evidence(f"{name}:2", path)
    as_of = json.loads(members(path)[MANIFEST])["as_of"]
    while time.monotonic() < end:
        done = registry.evidence(f"{name}:2", path, as_of=as_of)
        if done.about["proven"] == done.about["events"]:
            break
        time.sleep(1)
    return path


def test_proofs_are_held_to_keys_without_the_registry(
    registry: Modelry, sealed: Path, tmp_path: Path, local_registry: LocalRegistry, owner_token: str
) -> None:
    from modelry.audit.checkpoints import read_keys

    keys = registry.audit_keys()
    verified = verify_evidence(sealed, keys=read_keys(keys))

    assert verified.proven == verified.events > 0
    assert (verified.own_keys, verified.lacking) == (False, ())

    def forge(held: dict[str, bytes]) -> None:
        lines = held["audit/events.ndjson"].splitlines(keepends=True)
        at = next(n for n, line in enumerate(lines) if b"version.held" in line)
        lines[at] = lines[at].replace(b"litigation", b"tidying up")
        held["audit/events.ndjson"] = b"".join(lines)
        resealed(held)

    with pytest.raises(Damaged, match="is not under checkpoint"):
        verify_evidence(rewritten(sealed, tmp_path / "forged.zip", forge))
    (tmp_path / "keys.json").write_text(json.dumps(keys))
    modelry = Command(local_registry, owner_token, tmp_path)
    shown = modelry("evidence", "verify", str(sealed), "--keys", "keys.json")
    assert "signed checkpoint" in shown.stdout
    assert modelry("evidence", "verify", str(tmp_path / "forged.zip")).returncode == 1


def test_the_command_writes_and_verifies(
    local_registry: LocalRegistry, owner_token: str, tmp_path: Path, registry: Modelry
) -> None:
    model = f"model-{secrets.token_hex(4)}"
    (tmp_path / "model.bin").write_bytes(b"1")
    registry.push(tmp_path / "model.bin", model)
    modelry = Command(local_registry, owner_token, tmp_path)

    made = modelry("evidence", model, "-o", "pack.zip")
    options_first = modelry("evidence", "-o", "second.zip", f"{model}:1", "--json")
    verified = modelry("evidence", "verify", "pack.zip")
    wrong = modelry("evidence", "verify", "model.bin")

    assert made.stdout.startswith(f"pack.zip holds the evidence on default/{model}:1 as of 20")
    assert json.loads(options_first.stdout)["subject"] == f"default/{model}:1"
    assert f"evidence on default/{model}:1" in verified.stdout
    assert "its files make sha256:" in verified.stdout
    assert (wrong.returncode, "no evidence pack" in wrong.stderr) == (1, True)


def test_evaluations_approvals_and_stages_are_in_it(registry: Modelry, tmp_path: Path) -> None:
    model = f"model-{secrets.token_hex(4)}"
    (tmp_path / "model.bin").write_bytes(b"1")
    registry.push(tmp_path / "model.bin", model)
    report = {
        "schema_version": 1,
        "dataset": {"name": "holdout", "digest": f"sha256:{'a' * 64}"},
        "metrics": {"recall": 0.9},
        "evaluator": {"name": "by-hand"},
        "evaluated_at": "2026-01-31T12:00:00Z",
    }
    registry.register_evaluation(f"{model}:1", report)
    registry.request_approval(f"{model}:1", "Staging", comment="please")
    path = f"/namespaces/default/models/{model}/versions/1/promote"
    registry.transport.request("POST", path, body={"to": "Staging"}, query={"reason": "tested"})

    done = registry.evidence(f"{model}:1", tmp_path / "pack.zip")

    held = members(done.path)
    (evaluation,) = [name for name in held if name.startswith("evaluations/")]
    assert json.loads(held[evaluation])["report"]["metrics"] == {"recall": 0.9}
    (approval,) = json.loads(held["approvals.json"])
    assert approval["to_stage"] == "Staging"
    (stage,) = json.loads(held["stages.json"])
    assert (stage["to"], stage["reason"]) == ("Staging", "tested")
    kinds = {json.loads(line)["kind"] for line in held["audit/events.ndjson"].splitlines()}
    assert kinds == {"version", "model", "evaluation", "approval"}
    compliance = json.loads(held["compliance.json"])
    found = {p for c in compliance["rule_sets"] for f in c["findings"] for p in f["found"]}
    assert "evaluations" in found
    assert verify_evidence(done.path).events == done.about["events"]


def test_what_was_deleted_since_is_packed_as_of_a_time_before(
    registry: Modelry, name: str, packed: Path, tmp_path: Path
) -> None:
    as_of = json.loads(members(packed)[MANIFEST])["as_of"]
    registry.release(f"{name}:2", reason="closed")
    registry.delete(name, reason="not used any more")

    again = registry.evidence(f"{name}:2", tmp_path / "again.zip", as_of=as_of)

    before, after = members(packed), members(again.path)
    for member in ("version.json", "model.json", "files.ndjson", "compliance.json"):
        assert before[member] == after[member]
    assert verify_evidence(again.path).digest == json.loads(before["version.json"])["digest"]
    with pytest.raises(NotFound):
        registry.evidence(f"{name}:2", tmp_path / "now.zip")
