"""The object store that transfers are measured on: the embedded one, or a real MinIO."""

import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from local.ports import HOST, free_port
from local.programs import answers

START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Store:
    """Where a store answers, and the keys to all of it."""

    netloc: str
    access_key: str
    secret_key: str

    def settings(self) -> dict[str, str]:
        """What tells a registry to use it."""
        return {
            "MODELRY_S3_ENDPOINT": f"http://{self.netloc}",
            "MODELRY_S3_ACCESS_KEY": self.access_key,
            "MODELRY_S3_SECRET_KEY": self.secret_key,
            "MODELRY_S3_BUCKET": f"bench-{secrets.token_hex(6)}",
        }


@contextmanager
def minio() -> Iterator[Store]:
    """The MinIO that MODELRY_TEST_S3_ENDPOINT names (with _ACCESS_KEY and _SECRET_KEY), else one
    started from `minio` on PATH. Raises `RuntimeError` if there is neither."""
    endpoint = os.environ.get("MODELRY_TEST_S3_ENDPOINT")
    if endpoint:
        keys = [os.environ[f"MODELRY_TEST_S3_{kind}_KEY"] for kind in ("ACCESS", "SECRET")]
        yield Store(endpoint.removeprefix("http://").rstrip("/"), *keys)
        return
    program = shutil.which("minio")
    if program is None:
        raise RuntimeError("There is no `minio` on PATH, and MODELRY_TEST_S3_ENDPOINT is not set.")
    store = Store(f"{HOST}:{free_port()}", "bench", secrets.token_urlsafe(24))
    with tempfile.TemporaryDirectory(prefix="modelry-bench-minio-") as folder:
        child = subprocess.Popen(
            [program, "server", folder, "--address", store.netloc, "--quiet"],
            env={
                **os.environ,
                "MINIO_ROOT_USER": store.access_key,
                "MINIO_ROOT_PASSWORD": store.secret_key,
                "MINIO_BROWSER": "off",
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            end = time.monotonic() + START_SECONDS
            while not answers(store.netloc, "/minio/health/live"):
                if child.poll() is not None or time.monotonic() > end:
                    raise RuntimeError("MinIO did not start.")
                time.sleep(0.1)
            yield store
        finally:
            child.terminate()
            child.wait(START_SECONDS)
