"""The way out: nothing inside is reached, and no receiver takes for ever."""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.channels import connections
from core.adapters.channels.channels import Channels
from core.adapters.channels.http import HttpChannel
from core.domain.addresses import is_public
from core.domain.messages import Message
from core.domain.targets import NamedTarget
from core.errors import Invalid
from tests.receivers import Receiver, receiver, respond

MESSAGE = Message("1", "modelry.test", "model default/iris", b'{"id":"1"}', {"X-Test": "a"})
PUBLIC = "93.184.215.14"


@pytest.fixture
def listening() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def inside(seconds: float = 2.0) -> HttpChannel:
    """A channel that may reach the test's own receiver."""
    return HttpChannel(timeout_seconds=seconds, allows_private=True)


def outside(*addresses: str) -> HttpChannel:
    """A channel as it is deployed, where every name has these addresses."""
    return HttpChannel(
        timeout_seconds=2.0, allows_private=False, resolve=lambda host, port: list(addresses)
    )


def test_a_message_arrives_as_it_is(listening: Receiver) -> None:
    answer = inside().send(f"{listening.url}?a=b", MESSAGE)

    (received,) = listening.received
    assert (answer.accepted, answer.status) == (True, 204)
    assert (received.path, received.body) == ("/hook?a=b", MESSAGE.body)
    assert received.headers["x-test"] == "a"
    assert received.headers["host"] == f"127.0.0.1:{listening.port}"


def test_a_connection_is_used_again_and_made_anew_when_the_receiver_has_closed_it(
    listening: Receiver,
) -> None:
    ports: list[int] = []

    def answering(handler: Any, _: Any) -> None:
        ports.append(handler.client_address[1])
        respond(handler, 204)
        handler.close_connection = len(ports) == 2  # without a word

    listening.answering = answering
    channel = inside()

    assert all(channel.send(listening.url, MESSAGE).accepted for _ in range(4))

    assert ports[0] == ports[1] != ports[2] == ports[3]


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_no_redirect_is_followed(listening: Receiver, status: int) -> None:
    listening.answering = lambda handler, _: respond(handler, status, Location="/elsewhere")

    answer = inside().send(listening.url, MESSAGE)

    assert (answer.accepted, answer.status) == (False, status)
    assert len(listening.received) == 1


def test_what_a_receiver_says_is_kept_short_and_printable(listening: Receiver) -> None:
    listening.answering = lambda handler, _: respond(
        handler, 503, b"\x1b[31mno\n" + b"x" * 1_000_000, Retry_After="120"
    )

    answer = inside().send(listening.url, MESSAGE)

    assert (answer.status, answer.retry_after) == (503, timedelta(minutes=2))
    assert answer.detail.startswith("[31mno x")
    assert len(answer.detail) <= 200
    assert answer.detail.isprintable()


def test_a_receiver_that_is_gone_says_so(listening: Receiver) -> None:
    listening.answering = lambda handler, _: respond(handler, 410)

    assert inside().send(listening.url, MESSAGE).gone


def test_neither_silence_nor_a_trickle_holds_the_relay_up(listening: Receiver) -> None:
    def silent(handler: Any, _: Any) -> None:
        handler.connection.recv(1)  # until the other side hangs up

    def trickling(handler: Any, _: Any) -> None:
        handler.connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for _ in range(600):
            handler.connection.sendall(b"X-Drip: drop\r\n")
            time.sleep(0.05)

    for answering in (silent, trickling):
        listening.answering = answering

        answer = inside(0.3).send(listening.url, MESSAGE)

        assert not answer.accepted
        assert answer.detail == "no answer within 0.3 seconds"


def test_an_answer_without_end_is_not_read_to_its_end(listening: Receiver) -> None:
    def endless(handler: Any, _: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65_536)

    listening.answering = endless

    assert inside().send(listening.url, MESSAGE).accepted


@pytest.mark.parametrize("answered", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 999999 x\r\n\r\n"])
def test_what_is_no_http_is_a_failure(listening: Receiver, answered: bytes) -> None:
    def answering(handler: Any, _: Any) -> None:
        handler.connection.sendall(answered)
        handler.close_connection = True

    listening.answering = answering

    assert not inside().send(listening.url, MESSAGE).accepted


def test_a_port_where_nobody_listens_is_a_failure() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))

        answer = inside().send(f"http://127.0.0.1:{held.getsockname()[1]}/", MESSAGE)

    assert answer.detail.startswith("ConnectionRefusedError")


INSIDE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.1", "255.255.255.255", "224.0.0.1", "192.0.2.1", "198.18.0.1", "240.0.0.1",
    "::", "::1", "fd00::1", "fe80::1", "fe80::1%eth0", "ff02::1", "fec0::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1",
    "2002:7f00:1::", "2001:db8::1", "2001:0:53aa:64c:0:fbff:f5ff:fffe",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_leads_inside_is_refused_when_it_is_named_and_when_it_is_told(
    address: str,
) -> None:
    for channel in (outside(address), outside(PUBLIC, address)):
        with pytest.raises(Invalid) as refused:
            channel.check("https://example.com/hook")
        answer = channel.send("https://example.com/hook", MESSAGE)

        assert "public internet" in refused.value.message
        assert not answer.accepted
        assert "public internet" in answer.detail


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/",
        "https://127.0.0.1/", "https://[::1]/", "https://[fe80::1%25eth0]/", "https://2130706433/",
        "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/", "https://1.2.3.0x4/",
        "https://localhost/", "https://db/", "https://db.internal/", "https://x.local/",
        "https://example.com./", "https://user@example.com/", "https://a:b@example.com/",
        "https://example.com:0/", "https://example.com:99999/", "https://example.com/#a",
        "https://ex\u00e4mple.com/", "https://\uff11\uff12\uff17.0.0.1/", "https://exa mple.com/",
        "https://example.com\\@evil.test/", "https://exam\tple.com/",
        "https://example.com/\r\nX: y",
        "https:///x", "https://", "https://a_b.example.com/", "https://%31.example.com/",
        "javascript:alert(1)", "data:text/plain,x", "https://" + "a" * 3_000,
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_receiver_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        outside(PUBLIC).check(url)


@pytest.mark.parametrize(
    "url",
    ["https://example.com", "https://example.com:8443/a/b?c=d", f"https://{PUBLIC}/",
     "https://xn--exmple-cua.com/", "https://[2606:4700::1111]/"],
)  # fmt: skip
def test_a_receiver_on_the_internet_may_be_told(url: str) -> None:
    outside(PUBLIC).check(url)


def test_a_name_without_an_address_is_refused() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror("unknown")

    with pytest.raises(Invalid, match="cannot be found"):
        HttpChannel(timeout_seconds=1, allows_private=False, resolve=unknown).check(
            "https://example.com/"
        )


def test_the_name_is_asked_for_once_and_the_connection_goes_to_that_answer(
    listening: Receiver,
) -> None:
    answers = iter([["127.0.0.1"], ["203.0.113.1"]])
    channel = HttpChannel(
        timeout_seconds=2, allows_private=True, resolve=lambda host, port: next(answers)
    )

    assert channel.send(f"http://rebinding.test:{listening.port}/", MESSAGE).accepted

    assert listening.received[0].headers["host"] == f"rebinding.test:{listening.port}"
    assert next(answers) == ["203.0.113.1"]


def test_a_certificate_must_be_for_the_name_though_the_address_is_pinned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certified(tmp_path, "receiver.test")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(connections, "_tls", lambda: trusting)
    channel = HttpChannel(
        timeout_seconds=5, allows_private=True, resolve=lambda host, port: ["127.0.0.1"]
    )

    with receiver(lambda sock: server.wrap_socket(sock, server_side=True)) as listening:
        good = channel.send(f"https://receiver.test:{listening.port}/", MESSAGE)
        other = channel.send(f"https://other.test:{listening.port}/", MESSAGE)

    assert good.accepted, good.detail
    assert "certificate is not good" in other.detail
    assert len(listening.received) == 1


def certified(folder: Path, name: str) -> Path:
    """A key and a certificate of its own for the name."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "receiver.pem"
    pem = serialization.Encoding.PEM
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(pem)
    )
    return file


@given(st.ip_addresses())
def test_no_address_that_is_not_global_is_public(address: Any) -> None:
    if is_public(address):
        assert address.is_global
        assert not address.is_private


@given(st.ip_addresses(v=4))
def test_an_address_is_judged_the_same_in_its_mapped_form(address: Any) -> None:
    assert is_public(ipaddress.ip_address(f"::ffff:{address}")) == is_public(address)


def test_a_target_of_the_settings_is_for_the_namespaces_that_it_names() -> None:
    targets = (
        NamedTarget(name="all", kind="sqs", address="a"),
        NamedTarget(name="ours", kind="sns", address="b", namespaces=("fraud",)),
    )
    channels = Channels(targets, timeout_seconds=1, allows_private=False)

    channels.check("other", "all")
    channels.check("fraud", "ours")
    with pytest.raises(Invalid) as refused:
        channels.check("other", "ours")

    assert "ours" not in refused.value.next_step
    answer = channels.send("other", "ours", MESSAGE)
    assert answer.detail == "its target is not among the settings any more"


def test_a_target_of_no_known_kind_is_refused() -> None:
    with pytest.raises(Invalid, match="no kind of target"):
        NamedTarget(name="x", kind="kafka", address="a")
