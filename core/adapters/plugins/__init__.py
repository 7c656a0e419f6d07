"""Plug-ins: packages of the operator's, loaded by entry point, and what asks and tells them."""
