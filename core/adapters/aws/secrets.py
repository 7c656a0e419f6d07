"""Settings that are secrets, read from AWS Secrets Manager when a function starts.

In a function's configuration they would be readable to whoever may look at it, and so in every
plan of the infrastructure. The platform's SDK takes longer to import than a start may last.
"""

import hashlib
import hmac
import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from core.errors import Invalid, Unavailable

SECONDS = 3.0
ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class Credentials:
    """Whose permissions are used: those of the function's role."""

    access_key: str
    secret_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)


def resolved(environment: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """The value of each secret: `names` maps a variable to the secret's ARN.

    Raises `Invalid` for what is no ARN or must not be read, `Unavailable` if nobody answers.
    """
    if not names:
        return {}
    try:
        credentials = Credentials(
            environment["AWS_ACCESS_KEY_ID"],
            environment["AWS_SECRET_ACCESS_KEY"],
            environment.get("AWS_SESSION_TOKEN", ""),
        )
    except KeyError as missing:
        raise Invalid(
            f"{', '.join(names)} cannot be read from secrets: {missing} is not set.",
            next_step="Run with a role of the platform, or set the variables themselves.",
        ) from None
    given = environment.get("AWS_ENDPOINT_URL_SECRETS_MANAGER", environment.get("AWS_ENDPOINT_URL"))
    return {variable: _read(variable, arn, credentials, given) for variable, arn in names.items()}


def _read(variable: str, arn: str, credentials: Credentials, endpoint: str | None) -> str:
    parts = arn.split(":")
    if len(parts) < 7 or parts[0] != "arn" or parts[2] != "secretsmanager":
        raise Invalid(f"{variable} is to come from something that is no secret's ARN: {arn!r}.")
    region = parts[3]
    suffix = "amazonaws.com.cn" if parts[1] == "aws-cn" else "amazonaws.com"
    url = urlsplit(endpoint or f"https://secretsmanager.{region}.{suffix}")
    body = json.dumps({"SecretId": arn}).encode()
    headers = signed_headers(credentials, region, url.netloc, body, datetime.now(UTC))
    status, said = _ask(url.scheme, url.netloc, body, headers)
    if status != 200 or "SecretString" not in said:
        kind = str(said.get("__type", status)).rpartition("#")[2]
        if status >= 500:
            raise Unavailable(f"The secret for {variable} cannot be read now: {kind}.")
        raise Invalid(
            f"The secret for {variable} cannot be read: {kind}.",
            next_step=f"Give {arn} a value as text, and the function's role"
            " secretsmanager:GetSecretValue on it.",
        )
    return str(said["SecretString"])


def _ask(
    scheme: str, host: str, body: bytes, headers: Mapping[str, str]
) -> tuple[int, dict[str, object]]:
    for attempt in range(1, ATTEMPTS + 1):
        connection = (
            http.client.HTTPConnection(host, timeout=SECONDS)
            if scheme == "http"
            else http.client.HTTPSConnection(
                host, timeout=SECONDS, context=ssl.create_default_context()
            )
        )
        try:
            connection.request("POST", "/", body, dict(headers))
            answer = connection.getresponse()
            return answer.status, dict(json.loads(answer.read() or b"{}"))
        except (OSError, http.client.HTTPException, ValueError) as error:
            if attempt == ATTEMPTS:
                raise Unavailable(
                    f"Secrets Manager does not answer: {type(error).__name__}."
                ) from error
        finally:
            connection.close()
    raise AssertionError("unreachable")


def signed_headers(
    credentials: Credentials, region: str, host: str, body: bytes, at: datetime
) -> dict[str, str]:
    """The headers of a GetSecretValue with this body, with an AWS Signature Version 4."""
    time = at.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{time[:8]}/{region}/secretsmanager/aws4_request"
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "host": host,
        "x-amz-date": time,
        "x-amz-target": "secretsmanager.GetSecretValue",
    }
    if credentials.session_token:
        headers["x-amz-security-token"] = credentials.session_token
    names = ";".join(sorted(headers))
    lines = [f"{name}:{headers[name]}" for name in sorted(headers)]
    payload = hashlib.sha256(body).hexdigest()
    request = "\n".join(("POST", "/", "", *lines, "", names, payload))
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = f"AWS4{credentials.secret_key}".encode()
    for step in (*scope.split("/"), f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{digest}"):
        key = hmac.digest(key, step.encode(), "sha256")
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope},"
        f" SignedHeaders={names}, Signature={key.hex()}"
    )
    return headers
