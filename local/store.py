"""The bucket, and whom it tells of new objects."""

from urllib.parse import urlsplit

from minio import Minio
from minio.error import S3Error
from minio.notificationconfig import NotificationConfig, QueueConfig
from urllib3 import PoolManager, Retry
from urllib3.exceptions import HTTPError

from core.errors import Unavailable
from core.settings import Settings

WEBHOOK_ARN = "arn:minio:sqs::MODELRY:webhook"
"""How a MinIO started with MINIO_NOTIFY_WEBHOOK_ENABLE_MODELRY=on calls its webhook."""


def connect(settings: Settings) -> Minio:
    """A client of the settings' store."""
    endpoint = urlsplit(settings.s3_endpoint)
    return Minio(
        endpoint.netloc,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key,
        session_token=settings.s3_session_token or None,
        http_client=PoolManager(timeout=10, retries=Retry(1)),
        secure=endpoint.scheme == "https",
        region=settings.s3_region,
    )


def create_bucket(settings: Settings) -> None:
    """Make the bucket if it is not there. Raises `Unavailable`."""
    store = connect(settings)
    try:
        if not store.bucket_exists(settings.s3_bucket):
            store.make_bucket(settings.s3_bucket)
    except (S3Error, HTTPError) as error:
        raise Unavailable(
            f"The object store at {settings.s3_endpoint} gives no bucket"
            f" {settings.s3_bucket!r}: {error}."
        ) from error


def announce_uploads(settings: Settings, target: str) -> bool:
    """Have the bucket tell `target` (an ARN) of every new object; False if the store has no such
    target, in which case clients complete their uploads themselves."""
    created = QueueConfig(events=["s3:ObjectCreated:*"], queue=target, config_id="modelry")
    config = NotificationConfig(queue_config_list=[created])
    try:
        connect(settings).set_bucket_notification(settings.s3_bucket, config)
    except S3Error:
        return False
    return True
