"""Sending and receiving over connections to a store that break, refuse and run out."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from modelry import downloads
from modelry.downloads import Download
from modelry.errors import Conflict, Damaged, Invalid, ModelryError, Unavailable
from modelry.files import HashedFile, find_files, hash_file, manifest_digest
from modelry.manifests import check_complete, check_manifest
from modelry.network import Network
from modelry.progress import Meter
from modelry.records import RemoteFile, Version
from modelry.retries import RetryPolicy
from modelry.staging import Destination, Staging
from modelry.tokens import FixedToken
from modelry.transfers import Transfers
from modelry.transport import Transport
from modelry.uploads import Upload
from tests.client.servers import Script, answer, content, cut, scripted

CONTENT = bytes(range(256)) * 5000


@pytest.fixture
def transport() -> Transport:
    return Transport(
        "http://127.0.0.1:9",
        FixedToken("t"),
        network=Network(read_seconds=5),
        retries=RetryPolicy(attempts=3, sleep=lambda seconds: None),
        user_agent="modelry/test",
    )


@pytest.fixture
def hashed(tmp_path: Path) -> HashedFile:
    (tmp_path / "a.bin").write_bytes(CONTENT)
    (found,) = find_files(tmp_path / "a.bin")
    return hash_file(found)


def upload(transport: Transport, file: HashedFile) -> Upload:
    return Upload(transport=transport, path="/v", files={file.path: file}, meter=Meter())


def put(sender: Upload, file: HashedFile, server: Script, *, fresh: str | None = None) -> None:
    signed = {"url": f"{server.url}/old", "headers": {"x-amz-checksum-sha256": "abc="}}
    renewed = None if fresh is None else {**signed, "url": f"{server.url}{fresh}"}
    with Transfers() as transfers:
        sender.put(transfers, file, 1000, 5000, signed, lambda: renewed)


def test_a_slice_is_sent_with_its_length_and_what_was_signed(
    transport: Transport, hashed: HashedFile
) -> None:
    sender = upload(transport, hashed)
    with scripted(answer(200)) as server:
        put(sender, hashed, server)

    (asked,) = server.asked
    assert asked.body == CONTENT[1000:6000]
    assert asked.headers["Content-Length"] == "5000"
    assert asked.headers["x-amz-checksum-sha256"] == "abc="
    assert "Authorization" not in asked.headers
    assert sender.meter.snapshot().done_bytes == 5000


@pytest.mark.parametrize(
    "fault", [cut, answer(500), answer(503), answer(400, b"<Code>RequestTimeout</Code>")]
)
def test_a_broken_part_is_sent_again_and_counted_once(
    transport: Transport, hashed: HashedFile, fault: object
) -> None:
    sender = upload(transport, hashed)
    with scripted(fault, answer(200)) as server:
        put(sender, hashed, server)

    assert [asked.body for asked in server.asked] == [CONTENT[1000:6000]] * 2
    assert sender.meter.snapshot().done_bytes == 5000


def test_an_address_that_ran_out_is_replaced(transport: Transport, hashed: HashedFile) -> None:
    with scripted(answer(403, b"<Code>AccessDenied</Code>"), answer(200)) as server:
        put(upload(transport, hashed), hashed, server, fresh="/new")

    assert [asked.path for asked in server.asked] == ["/old", "/new"]


def test_a_file_that_arrived_by_another_way_is_done(
    transport: Transport, hashed: HashedFile
) -> None:
    sender = upload(transport, hashed)
    with scripted(answer(403)) as server:
        put(sender, hashed, server, fresh=None)

    assert sender.meter.snapshot().done_bytes == 5000


def test_a_store_that_keeps_refusing_is_reported(transport: Transport, hashed: HashedFile) -> None:
    with scripted(answer(403, b"<Code>SignatureDoesNotMatch</Code>")) as server:
        with pytest.raises(ModelryError, match=r"SignatureDoesNotMatch(.|\n)*clock"):
            put(upload(transport, hashed), hashed, server, fresh="/new")
        assert len(server.asked) == 3


def test_a_checksum_that_the_store_refuses_is_damage(
    transport: Transport, hashed: HashedFile
) -> None:
    with scripted(answer(400, b"<Code>BadDigest</Code>")) as server, pytest.raises(Damaged):
        put(upload(transport, hashed), hashed, server)


def test_a_store_that_stays_away_is_unavailable(transport: Transport, hashed: HashedFile) -> None:
    with scripted(cut) as server, pytest.raises(Unavailable, match=r"a\.bin"):
        put(upload(transport, hashed), hashed, server)

    assert len(server.asked) == 3


def test_a_file_cut_short_meanwhile_is_reported(transport: Transport, hashed: HashedFile) -> None:
    hashed.found.source.write_bytes(b"short")

    with scripted(answer(200)) as server, pytest.raises(Invalid, match="shorter"):
        put(upload(transport, hashed), hashed, server)


def fetch(
    transport: Transport, tmp_path: Path, url: str, whole: bytes = CONTENT, **options: Any
) -> tuple[list[RemoteFile], Path]:
    """Fetch one file; the files that were wrong, and where it was written."""
    file = remote("d/a.bin", whole)
    with Staging(Destination(tmp_path / "out"), "sha256:" + "0" * 64, 1) as staging:
        download = Download(
            transport=transport,
            path="/v",
            manifest=[file],
            staging=staging,
            meter=Meter(),
            **options,
        )
        wrong = download.fetch([(file, url)])
        return wrong, staging.folder / "content" / "d" / "a.bin"


def remote(path: str, whole: bytes) -> RemoteFile:
    digest = hashlib.sha256(whole).hexdigest()
    return RemoteFile(path=path, size_bytes=len(whole), sha256=digest)


def test_a_small_file_is_fetched_without_ranges(transport: Transport, tmp_path: Path) -> None:
    with scripted(content(CONTENT)) as server:
        wrong, path = fetch(transport, tmp_path, server.url)

    assert wrong == []
    assert path.read_bytes() == CONTENT
    assert "Range" not in server.asked[0].headers
    assert "Authorization" not in server.asked[0].headers


def test_a_large_file_is_fetched_in_ranges_of_one_object(
    transport: Transport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "CHUNK_BYTES", 100_000)
    with scripted(content(CONTENT)) as server:
        wrong, path = fetch(transport, tmp_path, server.url, streams_local_files=False)

    assert wrong == []
    assert path.read_bytes() == CONTENT
    assert len(server.asked) == 13
    assert {asked.headers.get("If-Match") for asked in server.asked} <= {None, '"one"'}
    assert server.asked[-1].headers["If-Match"] == '"one"'


def test_a_large_file_of_a_store_on_this_machine_comes_in_one_stream(
    transport: Transport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "CHUNK_BYTES", 100_000)
    with scripted(content(CONTENT)) as server:
        wrong, path = fetch(transport, tmp_path, server.url)

    journal = (path.parents[2] / "journal").read_text().splitlines()
    assert wrong == []
    assert path.read_bytes() == CONTENT
    assert len(server.asked) == 1
    assert journal[1:] == [f'["d/a.bin", {number}]' for number in range(13)]


def test_an_answer_that_breaks_in_mid_body_goes_on_where_it_broke(
    transport: Transport, tmp_path: Path
) -> None:
    breaking = [content(CONTENT, cut_after=at) for at in (300_000, 200_000, 1)]
    with scripted(*breaking, content(CONTENT)) as server:
        wrong, path = fetch(transport, tmp_path, server.url)

    assert wrong == []
    assert path.read_bytes() == CONTENT
    assert "Range" in server.asked[1].headers


def test_a_file_with_other_bytes_is_noticed(transport: Transport, tmp_path: Path) -> None:
    with scripted(content(CONTENT[:-1] + b"!")) as server:
        wrong, _ = fetch(transport, tmp_path, server.url)

    assert [file.path for file in wrong] == ["d/a.bin"]


def test_a_file_of_another_size_is_damage(transport: Transport, tmp_path: Path) -> None:
    with scripted(content(CONTENT + b"more")) as server, pytest.raises(Damaged, match="size"):
        fetch(transport, tmp_path, server.url)


def test_an_object_that_changes_during_the_pull_is_damage(
    transport: Transport, tmp_path: Path
) -> None:
    with scripted(answer(412)) as server, pytest.raises(Damaged, match="changed"):
        fetch(transport, tmp_path, server.url)


def test_an_empty_file_needs_no_request(transport: Transport, tmp_path: Path) -> None:
    wrong, path = fetch(transport, tmp_path, "http://127.0.0.1:9", b"")

    assert wrong == []
    assert path.read_bytes() == b""


def version(**fields: object) -> Version:
    raw = {"namespace": "n", "model": "m", "number": 1, "state": "ready", "file_count": 1}
    return Version.read({**raw, **fields})


def test_a_manifest_that_is_not_the_pinned_one_is_refused() -> None:
    files = [remote("a", b"1")]
    digest = manifest_digest((file.path, file.size_bytes, file.sha256) for file in files)

    assert check_manifest(version(digest=digest), files) == digest
    with pytest.raises(Damaged, match="not those of its digest"):
        check_manifest(version(digest=digest), [remote("a", b"2")])


def test_a_manifest_that_climbs_is_refused_even_if_it_is_the_pinned_one() -> None:
    files = [remote("../../.ssh/x", b"1")]
    digest = manifest_digest((file.path, file.size_bytes, file.sha256) for file in files)

    with pytest.raises(Invalid, match="cannot safely be written"):
        check_manifest(version(digest=digest), files)


def test_only_ready_versions_with_files_can_be_pulled() -> None:
    with pytest.raises(Conflict, match="pending"):
        check_complete(version(state="pending"))
    with pytest.raises(Invalid, match="no files"):
        check_complete(version(file_count=0))


def test_the_first_failure_stops_the_others() -> None:
    done: list[int] = []

    def fail() -> None:
        raise Damaged("broken")

    def run_all() -> None:
        with Transfers(1) as transfers:
            transfers.submit(fail)
            for _ in range(100):
                transfers.submit(done.append, 1)

    with pytest.raises(Damaged, match="broken"):
        run_all()

    assert len(done) < 100
