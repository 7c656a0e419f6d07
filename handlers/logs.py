"""What is seen of a process: the runs of its functions, and its log, one JSON object a line, which
nobody can forge and which holds no credentials."""

import logging
import re
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any

import orjson

from core.registry import Registry

MAX_TEXT_CHARACTERS = 8_000

_SECRETS = (
    # What is signed into an address, by S3's fourth version and its second, encoded or not.
    ("x-amz-", re.compile(r"(X-Amz-[A-Za-z-]+(?:=|%3D))[^&\s\"'<>]+", re.IGNORECASE), r"\1..."),
    (
        "=",
        re.compile(
            r"([?&](?:Signature|AWSAccessKeyId|sig|access_token|token|code)=)[^&\s\"'<>]+",
            re.IGNORECASE,
        ),
        r"\1...",
    ),
    ("bearer", re.compile(r"\b(Bearer)\s+[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE), r"\1 ..."),
    ("basic", re.compile(r"\b(Basic)\s+[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE), r"\1 ..."),
    ("eyj", re.compile(r"\beyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*"), "..."),
    ("mdl_", re.compile(r"\bmdl_[a-z]+_[A-Za-z0-9_]+"), "mdl_..."),
    ("://", re.compile(r"(://)[^/\s@]+@"), r"\1...@"),
)
"""What is in the text, in lower case, where there may be such a secret; the secret; what stays."""


class JsonLines(logging.Formatter):
    """A record as a line: `time`, `level`, `logger`, `message`, the `fields` it was given, and of
    an exception its text. Newlines are escaped as JSON has it, credentials left out."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            line |= fields
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        clean = {name: _clean(value) for name, value in line.items()}
        return orjson.dumps(clean, default=str).decode()


def redacted(text: str) -> str:
    """The text without what signs addresses, tokens, and passwords in URIs."""
    lowered = text.lower()
    for hint, secret, instead in _SECRETS:
        if hint in lowered:
            text = secret.sub(instead, text)
    return text


def set_up_logs(level: str) -> None:
    """Write the log of this process as JSON lines: to the platform's handler if there is one, else
    to stderr. Of others than the registry only warnings. `level` is one of the settings'."""
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.StreamHandler())
    for handler in root.handlers:
        handler.setFormatter(JsonLines())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        server = logging.getLogger(name)
        server.handlers.clear()
        server.propagate = True
    logging.getLogger("uvicorn.access").disabled = True  # each request has a line of ours
    own = logging.getLogger("modelry")
    own.setLevel(logging.CRITICAL + 1 if level == "off" else level.upper())


def seen(registry: Registry, task: str) -> AbstractContextManager[None]:
    """Around one run of a function that answers no request."""
    return nullcontext() if registry.telemetry is None else registry.telemetry.task(task)


def _clean(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = redacted(value[:MAX_TEXT_CHARACTERS])
    return text.encode("utf-8", "backslashreplace").decode()  # lone surrogates are no UTF-8
