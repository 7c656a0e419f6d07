"""The application that the API function serves, as a server on this machine runs it."""

from handlers.functions.api import app

__all__ = ["app"]
