"""Which token is sent: one given, one from the environment of a job, or a stored login's."""

import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlencode

from modelry.credentials import Credentials, Login
from modelry.discovery import get_json, trusted_issuers
from modelry.errors import NotSignedIn
from modelry.login import SPARE_SECONDS, SignIn, StoredLogin
from modelry.transport import TokenSource

GITHUB_ISSUER = "https://token.actions.githubusercontent.com"
KUBERNETES_TOKEN = Path("/var/run/secrets/modelry/token")


class FixedToken:
    """One token, for as long as it lasts."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def token(self, *, renew: bool = False) -> str | None:
        """The token; None to renew, for there is no other."""
        return None if renew else self._token


class TokenFile:
    """A file that something else keeps fresh, such as a projected Kubernetes token."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last: str | None = None

    def token(self, *, renew: bool = False) -> str | None:
        """What the file holds now. Raises `NotSignedIn` if it cannot be read."""
        try:
            text = self._path.read_text(encoding="ascii").strip()
        except (OSError, ValueError) as error:
            raise NotSignedIn(
                f"The token file {self._path} cannot be read: {error}.",
                next_step="Set MODELRY_TOKEN_FILE to a readable file that holds a token.",
            ) from None
        if renew and text == self._last:
            return None
        self._last = text
        return text


class RenewedToken:
    """A token asked for when it is needed, and again when it ends or is refused."""

    def __init__(self, ask: Callable[[], Login], *, clock: Callable[[], float] = time.time) -> None:
        self._ask = ask
        self._clock = clock
        self._lock = threading.Lock()
        self._login: Login | None = None

    def token(self, *, renew: bool = False) -> str | None:
        """The token; whatever asking for it raises."""
        with self._lock:
            login = self._login
            ends = login.expires_at if login else None
            ended = ends is not None and ends < self._clock() + SPARE_SECONDS
            if login is None or renew or ended:
                login = self._login = self._ask()
            return login.access_token


def token_source(
    given: str | None,
    sign_in: SignIn,
    credentials: Credentials,
    environment: Mapping[str, str] = os.environ,
) -> TokenSource:
    """The first of: a given token, MODELRY_TOKEN, MODELRY_TOKEN_FILE, MODELRY_ID_TOKEN (GitLab),
    MODELRY_CLIENT_ID and _SECRET, the stored login, GitHub Actions, a projected token file.
    """
    text = given or environment.get("MODELRY_TOKEN") or None
    if text:
        return FixedToken(text.strip())
    if file := environment.get("MODELRY_TOKEN_FILE"):
        return TokenFile(Path(file))
    if text := environment.get("MODELRY_ID_TOKEN"):
        return FixedToken(text.strip())
    client_id = environment.get("MODELRY_CLIENT_ID")
    secret = environment.get("MODELRY_CLIENT_SECRET")
    if client_id and secret:
        issuer = environment.get("MODELRY_ISSUER")
        return RenewedToken(lambda: sign_in.by_secret(sign_in.issuer(issuer), client_id, secret))
    if credentials.get(sign_in.url):
        return StoredLogin(sign_in, credentials)
    if environment.get("ACTIONS_ID_TOKEN_REQUEST_URL"):
        return RenewedToken(lambda: _github_token(sign_in, environment))
    if KUBERNETES_TOKEN.exists():
        return TokenFile(KUBERNETES_TOKEN)
    return FixedToken(None)


def _github_token(sign_in: SignIn, environment: Mapping[str, str]) -> Login:
    """GitHub's ID token for this job, for the audience that the registry wants of it."""
    audience = environment.get("MODELRY_AUDIENCE")
    if not audience:
        trusted = trusted_issuers(sign_in.network, sign_in.url, sign_in.retries)
        audience = next((one.audience for one in trusted if one.url == GITHUB_ISSUER), None)
    if not audience:
        raise NotSignedIn(
            "The registry does not trust GitHub's tokens.",
            next_step=f"Have its operator add the issuer {GITHUB_ISSUER}, or set MODELRY_TOKEN.",
        )
    url = environment["ACTIONS_ID_TOKEN_REQUEST_URL"]
    address = f"{url}{'&' if '?' in url else '?'}{urlencode({'audience': audience})}"
    secret = environment.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "")
    answer = get_json(
        sign_in.network, address, sign_in.retries, {"Authorization": f"Bearer {secret}"}
    )
    # GitHub's tokens live for five minutes at least.
    return Login(access_token=str(answer["value"]), expires_at=sign_in.clock() + 240)
