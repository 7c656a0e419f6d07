"""Models from elsewhere: read with the caller's rights, within limits, and from nowhere odd."""

import contextlib
import io
import json
import secrets
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from modelry import Damaged, Forbidden, Invalid, Modelry, NotFound, TooLarge, Unavailable
from modelry.imports import Copy
from modelry.network import Network
from modelry.sources import SourceFile, open_source
from modelry.sources.stores import StoreSource
from modelry.sources.web import WebSource
from tests.client.servers import answer, cut, scripted
from tests.parts import S3Server

TREE = {"config.json": b"{}", "weights/a b+é.bin": secrets.token_bytes(70_000), "empty": b""}


@pytest.fixture
def name() -> str:
    return f"imported-{secrets.token_hex(4)}"


@pytest.fixture
def stored(s3: S3Server, bucket: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A model in somebody's bucket, and the keys to it in the environment."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3.secret_key)
    for path, content in {**TREE, "../x": b""}.items():
        if ".." not in path:
            s3.client().put_object(bucket, f"models/iris/{path}", io.BytesIO(content), len(content))
    return f"s3://{bucket}/models/iris"


@pytest.mark.parametrize(
    "uri",
    [
        "file:///etc/passwd",
        "local:/etc/passwd",
        "local:///etc/passwd",
        "memory://x/y",
        "filecache::file:///etc/passwd",
        "filecache::s3://bucket/x",
        "zip://x.zip::http://10.0.0.1/x",
        "zip://x::https://example.org/x",
        "gopher://10.0.0.1/x",
        "data:text/plain,x",
        "data://text/plain,x",
        "http://169.254.169.254/latest/meta-data",
        "hf://org/model",
        "oci://registry/model",
        "S3://bucket/x",
        "s3:/bucket/x",
        "s3:///x",
        "s3://key:secret@bucket/x",
        "https://user@example.org/x",
        "https://example.org:0/x",
        "https://example.org:99999/x",
        "https://example.org/x?X-Amz-Signature=0",
        "https://example.org/x#y",
        "https://example.org/../x",
        "s3://bucket/%2e%2E/x",
        "s3://bucket/a b",
        "s3://bucket/a\nb",
        "https://[::1/x",
        "",
        "model.bin",
    ],
)
def test_nothing_but_a_few_kinds_of_places_is_ever_opened(uri: str) -> None:
    with pytest.raises(Invalid) as caught:
        open_source(uri, Network())

    assert "credentials in the environment" in caught.value.next_step


def test_a_directory_of_a_bucket_becomes_a_version(
    registry: Modelry, name: str, stored: str, tmp_path: Path
) -> None:
    version = registry.import_model(
        stored, name, metadata={"team": "a"}, environment={}, code={}, model_type="classifier"
    )
    pulled = registry.pull(version.reference, tmp_path / "out")

    found = {p.relative_to(pulled.path).as_posix(): p.read_bytes()
             for p in pulled.path.rglob("*") if p.is_file()}  # fmt: skip
    assert found == TREE
    assert version.metadata == {"team": "a", "source_uri": stored}
    assert version.artifacts == [
        {
            "name": "source",
            "kind": "model",
            "uri": stored,
            "digest": version.digest,
            "size_bytes": sum(map(len, TREE.values())),
        }
    ]


def test_one_object_becomes_a_version_of_one_file(
    registry: Modelry, name: str, stored: str
) -> None:
    version = registry.import_model(f"{stored}/config.json", name, environment={}, code={})

    assert [file.path for file in registry.files(version.reference)] == ["config.json"]


def test_what_is_not_there_or_not_ours_is_told(
    registry: Modelry, name: str, stored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Invalid, match="no files"):
        registry.import_model(f"{stored}/none/", name)
    with scripted(answer(403)) as script:
        monkeypatch.setenv("AWS_ENDPOINT_URL", script.url)
        with pytest.raises(Forbidden, match="does not let you"):
            registry.import_model(stored, name)


def test_without_keys_nothing_is_signed(
    registry: Modelry, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(variable, raising=False)
    with scripted(answer(404)) as script:
        monkeypatch.setenv("AWS_ENDPOINT_URL", script.url)
        with pytest.raises((NotFound, Invalid, Unavailable)):
            registry.import_model("s3://bucket/models", name)

    assert script.asked
    assert not [asked for asked in script.asked if "authorization" in map(str.lower, asked.headers)]


@pytest.mark.parametrize("uri", ["gs://bucket/x", "abfs://c@account.dfs.core.windows.net/x"])
def test_other_stores_are_opened_without_asking_anybody(
    uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("GOOGLE_APPLICATION_CREDENTIALS", "AZURE_STORAGE_ACCOUNT_KEY"):
        monkeypatch.delenv(variable, raising=False)

    assert isinstance(open_source(uri, Network()), StoreSource)


def test_an_account_must_be_named() -> None:
    with pytest.raises(Invalid, match="account"):
        open_source("abfs://container/x", Network())


def test_the_library_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "obstore", None)

    with pytest.raises(Invalid) as caught:
        open_source("s3://bucket/x", Network())

    assert "modelry[import]" in caught.value.next_step


def test_limits_hold_before_and_while_bytes_come(registry: Modelry, name: str, stored: str) -> None:
    with pytest.raises(TooLarge, match="more than 2 files"):
        registry.import_model(stored, name, max_files=2)
    with pytest.raises(TooLarge, match="more than 100 bytes"):
        registry.import_model(stored, name, max_bytes=100)
    with pytest.raises(NotFound):
        registry.model(name)


class Listed:
    """A source that says one thing of its files and sends another."""

    def __init__(self, *files: tuple[str, int | None], content: bytes = b"1234") -> None:
        self._files, self._content = files, content

    def files(self) -> Iterator[SourceFile]:
        return (SourceFile(path, path, size) for path, size in self._files)

    def read(self, file: SourceFile) -> Iterator[bytes]:
        yield self._content


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (Listed(("a", 3)), Damaged),
        (Listed(("a", None), content=b"x" * 11), TooLarge),
        (Listed(("a", 1), content=b"x" * 11), TooLarge),
        (Listed(("../a", 4)), Invalid),
        (Listed(("a/../../b", 4)), Invalid),
        (Listed(("/a", 4)), Invalid),
        (Listed(("a\\b", 4)), Invalid),
        (Listed(("C:a", 4)), Invalid),
        (Listed(("a", 4), ("A", 4)), Invalid),
        (Listed(("a", 4), ("a/b", 4)), Invalid),
        (Listed(), Invalid),
    ],
)
def test_a_source_that_lies_writes_nothing_outside(
    source: Listed, error: type[Exception], tmp_path: Path
) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()

    with pytest.raises(error):
        Copy(source, inside, 10, 10, None).run("s3://x")

    assert [entry.name for entry in tmp_path.iterdir()] == ["inside"]


def test_a_single_file_comes_over_the_web_and_no_redirect_is_followed() -> None:
    def read(url: str) -> bytes:
        return b"".join(WebSource(url, Network()).read(SourceFile("a", url, None)))

    with scripted(answer(200, b"weights")) as script:
        (file,) = WebSource(f"{script.url}/x/model%20one.bin", Network()).files()
        assert (file.path, file.size_bytes) == ("model one.bin", None)
        assert read(f"{script.url}/model.bin") == b"weights"
        assert "Authorization" not in script.asked[0].headers
    with scripted(answer(302, Location="http://169.254.169.254/")) as script:
        with pytest.raises(Invalid, match="leads elsewhere"):
            read(f"{script.url}/x")
        assert len(script.asked) == 1
    for step, error in ((answer(404), NotFound), (answer(500), Unavailable), (cut, Unavailable)):
        with scripted(step) as script, pytest.raises(error):
            read(f"{script.url}/x")
    with pytest.raises(Invalid, match="names no file"):
        list(WebSource("https://example.org/x/", Network()).files())


class NameNode(ThreadingHTTPServer):
    """A name node with a tree of files, which sends readers to `data_node`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _NameNodeHandler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.data_node = self.url
        self.odd_name: str | None = None
        self.asked: list[str] = []


class _NameNodeHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: NameNode

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        parts = urlsplit(self.path)
        path = unquote(parts.path).removeprefix("/webhdfs/v1/models/iris").strip("/")
        if parts.path.startswith("/data/"):
            return self._send(200, TREE[unquote(parts.path.removeprefix("/data/"))])
        operation = parse_qs(parts.query)["op"][0]
        if operation == "OPEN":
            location = f"{self.server.data_node}/data/{parts.path.partition('/iris/')[2]}"
            return self._send(307, b"", Location=location)
        if path and path not in TREE and not any(file.startswith(f"{path}/") for file in TREE):
            return self._send(404, b"{}")
        if operation == "GETFILESTATUS":
            return self._send(200, json.dumps({"FileStatus": self._status(path, "")}).encode())
        below = sorted(
            {file[len(f"{path}/") if path else 0 :].partition("/")[0]
             for file in TREE if not path or file.startswith(f"{path}/")}
        )  # fmt: skip
        statuses = [self._status(f"{path}/{each}".strip("/"), each) for each in below]
        if self.server.odd_name:
            statuses.append({"type": "FILE", "pathSuffix": self.server.odd_name, "length": 1})
        body = {"FileStatuses": {"FileStatus": statuses}}
        return self._send(200, json.dumps(body).encode())

    def _status(self, path: str, name: str) -> dict[str, object]:
        if path in TREE:
            return {"type": "FILE", "pathSuffix": name, "length": len(TREE[path])}
        return {"type": "DIRECTORY", "pathSuffix": name, "length": 0}

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Keep quiet."""


@pytest.fixture
def name_node() -> Iterator[NameNode]:
    server = NameNode()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_directory_of_hdfs_becomes_a_version(
    registry: Modelry, name: str, name_node: NameNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HADOOP_USER_NAME", "alice")
    uri = name_node.url.replace("http:", "webhdfs:") + "/models/iris"

    version = registry.import_model(uri, name, environment={}, code={})

    assert {file.path for file in registry.files(version.reference)} == set(TREE)
    assert version.metadata["source_uri"] == uri
    assert all("user.name=alice" in path for path in name_node.asked if "op=" in path)


def test_a_file_of_hdfs_becomes_a_version(
    registry: Modelry, name: str, name_node: NameNode
) -> None:
    uri = name_node.url.replace("http:", "webhdfs:") + "/models/iris/config.json"

    version = registry.import_model(uri, name, environment={}, code={})

    assert (version.file_count, version.size_bytes) == (1, 2)
    with pytest.raises(NotFound):
        registry.import_model(f"{uri}.none", name)


def test_a_data_node_elsewhere_is_read_from_only_if_it_is_allowed(
    registry: Modelry, name: str, name_node: NameNode
) -> None:
    uri = name_node.url.replace("http:", "webhdfs:") + "/models/iris/config.json"
    name_node.data_node = name_node.url.replace("127.0.0.1", "localhost")

    with pytest.raises(Forbidden, match="localhost") as caught:
        registry.import_model(uri, name)
    before = [path for path in name_node.asked if path.startswith("/data/")]
    version = registry.import_model(uri, name, allow_hosts=["localhost"], environment={}, code={})

    assert before == []
    assert "--allow-host localhost" in caught.value.next_step
    assert version.file_count == 1


@pytest.mark.parametrize(
    "location",
    ["http://169.254.169.254", "file://127.0.0.1", "http://127.0.0.1@evil.example", "//x", ""],
)
def test_a_redirect_to_anywhere_else_is_not_followed(
    registry: Modelry, name: str, name_node: NameNode, location: str
) -> None:
    uri = name_node.url.replace("http:", "webhdfs:") + "/models/iris/config.json"
    name_node.data_node = location

    with pytest.raises((Forbidden, Unavailable)):
        registry.import_model(uri, name)


@pytest.mark.parametrize("odd", ["..", "../x", "/etc", "a/b"])
def test_a_name_node_cannot_name_files_outside(
    registry: Modelry, name: str, name_node: NameNode, odd: str
) -> None:
    name_node.odd_name = odd
    uri = name_node.url.replace("http:", "webhdfs:") + "/models/iris"

    with pytest.raises(Invalid, match="proper name"):
        registry.import_model(uri, name)


def test_a_token_is_not_sent_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELRY_WEBHDFS_TOKEN", "secret")

    with pytest.raises(Invalid, match="MODELRY_WEBHDFS_TLS"):
        open_source("hdfs://namenode.example.org/x", Network())

    monkeypatch.setenv("MODELRY_WEBHDFS_TLS", "true")
    with contextlib.suppress(Unavailable):
        open_source("hdfs://namenode.example.org/x", Network())
