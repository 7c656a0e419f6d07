"""How answers warn of a version that should not be used any more, in headers that clients know.

`Deprecation` (RFC 9745), `Sunset` (RFC 8594) and a link to the successor (RFC 5829).
"""

from email.utils import format_datetime
from urllib.parse import quote

from starlette.requests import Request

from core.domain.versions import ModelVersion


def warning_headers(request: Request, version: ModelVersion) -> dict[str, str]:
    """The headers of an answer about the version; none if it is not deprecated."""
    deprecation = version.deprecation
    if deprecation is None:
        return {}
    headers = {"Deprecation": f"@{int(deprecation.since.timestamp())}"}
    if deprecation.sunset is not None:
        headers["Sunset"] = format_datetime(deprecation.sunset.replace(microsecond=0), usegmt=True)
    if deprecation.successor is not None:
        public = request.scope.get("state", {}).get("public_url") or ""
        model = quote(deprecation.successor.model, safe="")
        reference = quote(deprecation.successor.version, safe="@:")
        path = f"/api/v1/namespaces/{version.namespace}/models/{model}/versions/{reference}"
        headers["Link"] = f'<{public}{path}>; rel="successor-version"'
    return headers
