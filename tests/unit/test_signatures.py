"""Signatures are those that the S3 SDK makes, and the one that AWS prints in its manual."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st
from minio import Minio
from minio.credentials import Credentials
from minio.signer import sign_v4_s3

from core.adapters.s3.signatures import Signer, encoded

AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HOST = "s3.example.org:9000"

tokens = st.text("abcDEF0123+/=", max_size=40)
segments = st.text(
    st.one_of(st.sampled_from(" +~%&=?#;:@!$'()*,._-"), st.characters(codec="utf-8")),
    min_size=1,
    max_size=12,
).filter(lambda text: "/" not in text and text not in {".", ".."} and "\0" not in text)
# The SDK refuses keys of nothing but white space; ours never begin so.
keys = st.lists(segments, min_size=1, max_size=4).map("/".join).filter(str.strip)
queries = st.dictionaries(
    st.text("abcxyz-ADZ", min_size=1, max_size=12).filter(lambda name: name[0] != "X"),
    st.text(st.characters(codec="utf-8"), max_size=20),
    max_size=4,
)
headers = st.dictionaries(
    st.text("abcxyz-", min_size=1, max_size=12).map(lambda name: f"x-amz-{name}"),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
    max_size=4,
)
methods = st.sampled_from(["GET", "PUT", "HEAD", "POST", "DELETE"])
lifetimes = st.integers(1, 604_800)
times = st.integers(0, 15 * 365 * 86_400).map(lambda seconds: AT + timedelta(seconds=seconds))


def signer(session_token: str = "") -> Signer:
    return Signer(
        access_key="AKIA/EXAMPLE+KEY",
        secret_key="a/secret+key",
        region="eu-central-1",
        session_token=session_token,
    )


@given(keys, methods, queries, tokens, times, lifetimes)
def test_urls_are_those_of_the_sdk(
    key: str,
    method: str,
    query: dict[str, str],
    session_token: str,
    at: datetime,
    ttl_seconds: int,
) -> None:
    client = Minio(
        HOST,
        access_key="AKIA/EXAMPLE+KEY",
        secret_key="a/secret+key",
        session_token=session_token or None,
        region="eu-central-1",
        secure=True,
    )

    ours = signer(session_token).presign(
        method,
        f"https://{HOST}/bucket/{encoded(key, keep='/')}",
        at=at,
        ttl_seconds=ttl_seconds,
        query=query,
    )

    theirs = client.get_presigned_url(
        method,
        "bucket",
        key,
        expires=timedelta(seconds=ttl_seconds),
        request_date=at,
        extra_query_params=dict(query),
    )
    assert urlsplit(ours)[:3] == urlsplit(theirs)[:3]
    assert sorted(urlsplit(ours).query.split("&")) == sorted(urlsplit(theirs).query.split("&"))


@given(keys, methods, queries, headers, times)
def test_headers_are_signed_as_the_sdk_signs_them(
    key: str, method: str, query: dict[str, str], sent: dict[str, str], at: datetime
) -> None:
    url = f"https://{HOST}/bucket/{encoded(key, keep='/')}"

    ours = signer().presign(method, url, at=at, ttl_seconds=60, query=query, headers=sent)

    unsigned, _, signature = ours.rpartition("&X-Amz-Signature=")
    authorization = sign_v4_s3(
        method=method,
        url=urlsplit(unsigned),
        region="eu-central-1",
        headers={**sent, "Host": HOST},
        credentials=Credentials("AKIA/EXAMPLE+KEY", "a/secret+key"),
        content_sha256="UNSIGNED-PAYLOAD",
        date=at,
    )["Authorization"]
    assert str(authorization).endswith(f"Signature={signature}")
    signed = parse_qs(urlsplit(ours).query)["X-Amz-SignedHeaders"]
    assert signed == [";".join(sorted({*sent, "host"}))]


def test_the_example_of_the_manual_comes_out_as_printed() -> None:
    example = Signer(
        access_key="AKIAIOSFODNN7EXAMPLE",
        secret_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        region="us-east-1",
    )

    url = example.presign(
        "GET",
        "https://examplebucket.s3.amazonaws.com/test.txt",
        at=datetime(2013, 5, 24, tzinfo=UTC),
        ttl_seconds=86_400,
    )

    assert url.endswith("aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")


def test_a_changed_header_changes_the_signature() -> None:
    url = f"https://{HOST}/bucket/key"

    urls = {
        signer().presign("PUT", url, at=AT, ttl_seconds=60, headers={"x-amz-checksum-sha256": text})
        for text in ("a", "b")
    }

    assert len(urls) == 2


def test_secrets_do_not_show() -> None:
    shown = repr(signer("a-session-token"))

    assert "a/secret+key" not in shown
    assert "a-session-token" not in shown
