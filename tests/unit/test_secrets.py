"""Settings that lie in AWS Secrets Manager, read by a function when it starts."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as SdkCredentials
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.aws.secrets import Credentials, signed_headers
from core.bootstrap import configured
from core.errors import Invalid, Unavailable

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:modelry/mongodb-uri-AbCdEf"
URI = "mongodb+srv://modelry:hunter2@cluster.example.net/"
ROLE = {
    "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "of-the-role",
    "AWS_SESSION_TOKEN": "a-session",
    "MODELRY_S3_ENDPOINT": "https://s3.eu-west-1.amazonaws.com",
}


class Secrets:
    """Secrets Manager on loopback: what it answers can be set, what it was asked can be seen."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, bytes]] = [
            (200, json.dumps({"ARN": ARN, "SecretString": URI}).encode())
        ]
        self.asked: list[tuple[Mapping[str, str], Any]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        secrets = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                secrets.asked.append((dict(self.headers), json.loads(body)))
                answers = secrets.answers
                status, text = answers.pop(0) if len(answers) > 1 else answers[0]
                if not status:
                    self.connection.close()
                    return
                self.send_response(status)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


@pytest.fixture
def secrets() -> Iterator[Secrets]:
    server = Secrets()
    yield server
    server.stop()


def environment(secrets: Secrets, **changes: str) -> dict[str, str]:
    named = {"MODELRY_MONGODB_URI_FROM": ARN, "AWS_ENDPOINT_URL": secrets.url}
    return {**ROLE, **named, **changes}


def test_a_variable_ending_in_from_names_the_secret_that_holds_the_value(secrets: Secrets) -> None:
    settings = configured(environment(secrets))

    ((headers, body),) = secrets.asked
    assert settings.mongodb_uri == URI
    assert body == {"SecretId": ARN}
    assert headers["x-amz-target"] == "secretsmanager.GetSecretValue"
    assert headers["x-amz-security-token"] == "a-session"


def test_a_variable_that_is_set_goes_before_its_secret(secrets: Secrets) -> None:
    given = environment(secrets, MODELRY_MONGODB_URI="mongodb://127.0.0.1/")

    assert configured(given).mongodb_uri == "mongodb://127.0.0.1/"
    assert secrets.asked == []


def test_without_the_secret_of_anything_nobody_is_asked(secrets: Secrets) -> None:
    given = environment(secrets, MODELRY_MONGODB_URI_FROM="", MODELRY_MONGODB_URI="mongodb://a/")

    assert configured(given).mongodb_uri == "mongodb://a/"
    assert secrets.asked == []


def test_the_store_s_credentials_are_the_role_s_unless_it_has_its_own(secrets: Secrets) -> None:
    role = configured(environment(secrets))
    own = {"MODELRY_S3_ACCESS_KEY": "minio", "MODELRY_S3_SECRET_KEY": "minio-secret"}
    settings = configured(environment(secrets, **own))

    assert (role.s3_access_key, role.s3_secret_key) == ("ASIAEXAMPLE", "of-the-role")
    assert role.s3_session_token == "a-session"
    assert (settings.s3_access_key, settings.s3_secret_key) == ("minio", "minio-secret")
    assert settings.s3_session_token == "", "a session of the role's goes with its key alone"


def test_a_connection_that_breaks_is_tried_once_more(secrets: Secrets) -> None:
    secrets.answers.insert(0, (0, b""))

    assert configured(environment(secrets)).mongodb_uri == URI
    assert len(secrets.asked) == 2


@pytest.mark.parametrize("answer", [(0, b""), (500, b"{}"), (200, b"<html>"), (503, b"")])
def test_secrets_that_cannot_be_had_now_say_so(secrets: Secrets, answer: tuple[int, bytes]) -> None:
    secrets.answers = [answer]

    with pytest.raises(Unavailable) as caught:
        configured(environment(secrets))

    assert URI not in caught.value.message


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((400, b'{"__type": "AccessDeniedException"}'), "AccessDeniedException"),
        ((400, b'{"__type": "aws#ResourceNotFoundException"}'), "ResourceNotFoundException"),
        ((200, b'{"SecretBinary": "AAAA"}'), "200"),
    ],
)
def test_a_secret_that_must_not_be_read_is_named_with_its_variable(
    secrets: Secrets, answer: tuple[int, bytes], said: str
) -> None:
    secrets.answers = [answer]

    with pytest.raises(Invalid) as caught:
        configured(environment(secrets))

    assert caught.value.message.startswith("The secret for MODELRY_MONGODB_URI cannot be read")
    assert said in caught.value.message
    assert ARN in caught.value.next_step


@pytest.mark.parametrize("arn", ["x", "modelry/mongodb-uri", "arn:aws:s3:::bucket", ARN[:30]])
def test_what_is_no_secret_s_name_is_refused(secrets: Secrets, arn: str) -> None:
    with pytest.raises(Invalid, match="MODELRY_MONGODB_URI"):
        configured(environment(secrets, MODELRY_MONGODB_URI_FROM=arn))

    assert secrets.asked == []


def test_without_a_role_nothing_is_read(secrets: Secrets) -> None:
    given = environment(secrets)
    del given["AWS_SECRET_ACCESS_KEY"]

    with pytest.raises(Invalid, match="AWS_SECRET_ACCESS_KEY"):
        configured(given)


@given(
    st.text(st.characters(codec="ascii", exclude_categories=("C", "Z")), min_size=1),
    st.sampled_from(["", "a-session/with+signs=="]),
    st.integers(1_600_000_000, 2_200_000_000).map(lambda time: datetime.fromtimestamp(time, UTC)),
)
def test_requests_are_signed_as_the_platform_s_sdk_signs_them(
    secret: str, session: str, at: datetime
) -> None:
    host = "secretsmanager.eu-west-1.amazonaws.com"
    body = json.dumps({"SecretId": ARN}).encode()
    ours = signed_headers(Credentials("AKIA", secret, session), "eu-west-1", host, body, at)

    sdk = SigV4Auth(SdkCredentials("AKIA", secret, session or None), "secretsmanager", "eu-west-1")
    sent = {name: text for name, text in ours.items() if name not in {"authorization", "host"}}
    request = AWSRequest("POST", f"https://{host}/", headers=sent, data=body)
    request.context["timestamp"] = ours["x-amz-date"]
    canonical = sdk.canonical_request(request)
    signature = sdk.signature(sdk.string_to_sign(request, canonical), request)

    assert ours["authorization"].endswith(f"Signature={signature}")
