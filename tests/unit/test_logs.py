"""The log is what its lines say: nobody forges one, and none has a credential in it."""

import json
import logging
import re
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handlers.logs import JsonLines, redacted

SIGNED = (
    "https://s3.example.org/modelry/default/iris/1/model.onnx?X-Amz-Algorithm=AWS4-HMAC-SHA256"
    "&X-Amz-Credential=AKIAEXAMPLE%2F20261124%2Fus-east-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20261124T080000Z&X-Amz-Security-Token=FwoGZXIvYXdz&X-Amz-Signature=5d41402abc4b"
)
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl"
SECRETS = {
    SIGNED: ("AKIAEXAMPLE", "FwoGZXIvYXdz", "5d41402abc4b"),
    SIGNED.replace("=", "%3D").replace("&", "%26"): ("AKIAEXAMPLE", "5d41402abc4b"),
    "http://s3/b/k?AWSAccessKeyId=AKIAOLD&Signature=abc%3D&Expires=1": ("AKIAOLD", "abc%3D"),
    f"Authorization: Bearer {JWT}": (JWT, "c2lnbmF0dXJl"),
    f"the token {JWT} was refused": (JWT, "c2lnbmF0dXJl"),
    "mdl_pat_0123456789abcdefghij": ("0123456789abcdefghij",),
    "basic dXNlcjpzZWNyZXQtdG9rZW4=": ("dXNlcjpzZWNyZXQtdG9rZW4=",),
    "mongodb+srv://modelry:hunter2@db.example.org/?w=1": ("hunter2",),
}


def record(message: str, *args: object, **more: object) -> logging.LogRecord:
    made = logging.LogRecord("modelry.test", logging.INFO, __file__, 1, message, args, None)
    made.__dict__.update(more)
    return made


@pytest.mark.parametrize("text", SECRETS, ids=range(len(SECRETS)))
def test_no_credential_comes_into_the_log_wherever_it_stands(text: str) -> None:
    try:
        raise ValueError(f"it failed at {text}")
    except ValueError:
        caught = sys.exc_info()

    line = JsonLines().format(record("said %s", text, fields={"seen": text}, exc_info=caught))

    assert not [secret for secret in SECRETS[text] if secret in line]
    assert json.loads(line)["message"].startswith("said ")


def test_what_an_address_is_of_stays_readable() -> None:
    assert redacted(SIGNED).startswith("https://s3.example.org/modelry/default/iris/1/model.onnx?")
    assert redacted("default/iris/1 was pushed by dev:alice") == (
        "default/iris/1 was pushed by dev:alice"
    )


@given(st.text())
@example('x\n{"time":"2026-11-24T08:00:00.000Z","level":"info","message":"forged"}')
@example("\r\u2028\x1b[2K\x00\ud800")
def test_a_record_is_one_line_and_one_object_whatever_is_in_it(text: str) -> None:
    line = JsonLines().format(record("%s", text, fields={"subject": text}))

    read = json.loads(line)
    assert not re.search("[\n\r\x00-\x1f]", line)
    assert (read["level"], read["logger"]) == ("info", "modelry.test")
    assert set(read) == {"time", "level", "logger", "message", "subject"}


def test_a_very_long_text_is_cut() -> None:
    assert len(JsonLines().format(record("x" * 1_000_000))) < 10_000
