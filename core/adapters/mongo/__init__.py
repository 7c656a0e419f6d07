"""The database on MongoDB 6 to 8, or anything that speaks its protocol. Documents stay in here."""

import sys
from importlib.util import find_spec


def _skip_pyopenssl() -> None:
    """Spare the driver the search for PyOpenSSL where there is none.

    It would load `cryptography.x509` (15 to 45 ms of a cold start) before it finds that out and
    takes the standard library's `ssl`, as it does at once this way.
    """
    if find_spec("OpenSSL") is None:
        sys.modules.setdefault("pymongo.pyopenssl_context", None)  # type: ignore[arg-type]  # None: not to be imported


_skip_pyopenssl()
