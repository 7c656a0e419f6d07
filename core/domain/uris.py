"""URIs by which other clients name what lies in an S3-compatible store."""

from collections.abc import Collection
from urllib.parse import parse_qs, urlsplit


def key_within(uri: str, bucket: str, endpoints: Collection[str]) -> str | None:
    """The key that a URI names in a bucket that is at one of these endpoints; None if it names
    another place, or the bucket as a whole. Kubeflow's client writes the endpoint into the query,
    most others do not."""
    try:
        address = urlsplit(uri)
        (endpoint,) = parse_qs(address.query).get("endpoint", [""])
        host = urlsplit(endpoint).netloc.lower()
    except ValueError:
        return None
    hosts = {urlsplit(each).netloc for each in endpoints}
    elsewhere = endpoint and hosts and host not in hosts
    if elsewhere or (address.scheme, address.netloc) != ("s3", bucket):
        return None
    return address.path.strip("/") or None
