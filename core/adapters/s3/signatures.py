"""AWS Signature Version 4 in a URL's query: how the registry lets others speak to the object store.

Signing is on the way of every cold start, where importing an SDK costs more than all the rest.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

NO_PARAMETERS: Mapping[str, str] = {}


def encoded(text: str, *, keep: str = "") -> str:
    """Percent-encode the UTF-8 bytes of `text` as SigV4 wants it: all but `A-Za-z0-9-._~`.

    An object key in a path keeps its slashes: `keep="/"`.
    """
    return quote(text, safe=f"-._~{keep}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Credentials for one region of a store; `session_token` if they are temporary."""

    access_key: str
    secret_key: str = field(repr=False)
    region: str
    session_token: str = field(default="", repr=False)

    def presign(
        self,
        method: str,
        url: str,
        *,
        at: datetime,
        ttl_seconds: int,
        query: Mapping[str, str] = NO_PARAMETERS,
        headers: Mapping[str, str] = NO_PARAMETERS,
    ) -> str:
        """Return `url` with a signature good from `at` (UTC) for `ttl_seconds`.

        `url` is `scheme://host/path`, its path encoded and without a query. Whoever uses the
        answer must send `headers` exactly; the body is not signed, unless by a header over it.
        """
        _, _, host, path = url.split("/", 3)
        signed = {name.lower(): " ".join(text.split()) for name, text in headers.items()}
        signed["host"] = host
        names = ";".join(sorted(signed))
        time = at.strftime("%Y%m%dT%H%M%SZ")
        scope = f"{time[:8]}/{self.region}/s3/aws4_request"
        parameters = dict(query)
        if self.session_token:
            parameters["X-Amz-Security-Token"] = self.session_token
        parameters["X-Amz-Algorithm"] = "AWS4-HMAC-SHA256"
        parameters["X-Amz-Credential"] = f"{self.access_key}/{scope}"
        parameters["X-Amz-Date"] = time
        parameters["X-Amz-Expires"] = str(ttl_seconds)
        parameters["X-Amz-SignedHeaders"] = names
        pairs = [(encoded(name), encoded(value)) for name, value in parameters.items()]
        request = "\n".join(
            (
                method,
                f"/{path}",
                "&".join(f"{name}={value}" for name, value in sorted(pairs)),
                *(f"{name}:{signed[name]}" for name in sorted(signed)),
                "",
                names,
                "UNSIGNED-PAYLOAD",
            )
        )
        digest = hashlib.sha256(request.encode()).hexdigest()
        key = f"AWS4{self.secret_key}".encode()
        for step in (*scope.split("/"), f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{digest}"):
            key = hmac.digest(key, step.encode(), "sha256")
        return f"{url}?{'&'.join(f'{n}={v}' for n, v in pairs)}&X-Amz-Signature={key.hex()}"


def attachment(filename: str) -> str:
    """A `Content-Disposition` (RFC 6266) that no file name can break out of: an ASCII name for
    old clients, and the exact one (RFC 5987) if that differs."""
    plain = "".join(
        letter if " " <= letter <= "~" and letter not in '"\\%/' else "_" for letter in filename
    )
    exact = "" if plain == filename else f"; filename*=UTF-8''{encoded(filename)}"
    return f'attachment; filename="{plain}"{exact}'
