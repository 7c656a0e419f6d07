"""Where logins are kept: one file, readable by its owner alone, with an entry for each registry."""

import contextlib
import json
import os
import stat
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from modelry.errors import Invalid

try:
    import fcntl
except ImportError:  # Windows has no flock; its users' folders are private already
    fcntl = None  # type: ignore[assignment]  # a module, elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A stored sign-in. `expires_at` is in seconds since the epoch; None means unknown."""

    access_token: str
    issuer: str = ""
    client_id: str = ""
    audience: str = ""
    token_endpoint: str = ""
    refresh_token: str | None = None
    expires_at: float | None = None

    def __repr__(self) -> str:
        return f"Login(issuer={self.issuer!r}, client_id={self.client_id!r}, tokens hidden)"


def credentials_path() -> Path:
    """`$XDG_CONFIG_HOME/modelry/credentials.json`, below `~/.config` by default."""
    home = os.environ.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "modelry" / "credentials.json"


class Credentials:
    """The file of logins, by the URL of the registry."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or credentials_path()
        self._threads = threading.RLock()
        self._depth = 0

    def get(self, url: str) -> Login | None:
        """The login at this registry, None if there is none."""
        entry = self._read()["registries"].get(url)
        if not entry:
            return None
        return Login(
            **{field.name: entry[field.name] for field in fields(Login) if field.name in entry}
        )

    def default_url(self) -> str | None:
        """The registry signed in to last, which is asked when no other is named."""
        return self._read().get("default")

    def put(self, url: str, login: Login, *, default: bool = False) -> None:
        """Keep the login; make this the registry asked by default, if so said."""
        with self.locked():
            content = self._read()
            content["registries"][url] = asdict(login)
            if default or not content.get("default"):
                content["default"] = url
            self._write(content)

    def remove(self, url: str) -> Login | None:
        """Forget the login and return it; None if there was none."""
        login = self.get(url)
        with self.locked():
            content = self._read()
            content["registries"].pop(url, None)
            if content.get("default") == url:
                content["default"] = next(iter(content["registries"]), None)
            self._write(content)
        return login

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes out, so that a rotating refresh token is spent once."""
        with self._threads:
            self._depth += 1
            try:
                if self._depth > 1 or fcntl is None:
                    yield
                    return
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with self.path.with_suffix(".lock").open("a") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX)
                    yield
            finally:
                self._depth -= 1

    def _read(self) -> dict[str, Any]:
        try:
            with self.path.open(encoding="utf-8") as file:
                mode = os.fstat(file.fileno()).st_mode
                if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
                    raise Invalid(
                        f"Others can read your logins in {self.path}.",
                        next_step=f"Run: chmod 600 {self.path}",
                    )
                content: dict[str, Any] = json.load(file)
        except FileNotFoundError:
            return {"registries": {}, "default": None}
        except ValueError as error:
            raise Invalid(
                f"{self.path} is not what `modelry login` wrote: {error}.",
                next_step="Remove the file and sign in again.",
            ) from None
        content.setdefault("registries", {})
        return content

    def _write(self, content: dict[str, Any]) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp makes the file with mode 0600, before anything is in it.
        descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=".credentials-")
        try:
            with open(descriptor, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self.path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
