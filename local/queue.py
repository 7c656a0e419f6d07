"""The store's event queue over plain HTTP, so that no cloud SDK is needed to read it.

The emulator does not check signatures; it listens on the loopback interface only.
"""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

UPLOADS = "modelry-uploads"
FAILED = "modelry-uploads-failed"
MAX_ATTEMPTS = 20
VISIBILITY_SECONDS = 30
POLL_SECONDS = 2
"""How long a poll waits for a message; also how long the store may take to stop, because it
answers open polls first."""
SCOPE = "local/20260101/us-east-1/sqs/aws4_request"


class Queue:
    """One queue of an SQS-compatible endpoint (its JSON protocol)."""

    def __init__(self, endpoint: str, name: str = UPLOADS) -> None:
        self._netloc = urlsplit(endpoint).netloc
        self.name = name
        self.url = f"{endpoint}/000000000000/{name}"

    def create(self, attributes: dict[str, str] | None = None) -> str:
        """Make the queue if it is not there; return its ARN."""
        asked = {"QueueName": self.name, "Attributes": attributes or {}}
        self.url = str(self._call("CreateQueue", asked)["QueueUrl"])
        told = self._call("GetQueueAttributes", {**self._me, "AttributeNames": ["QueueArn"]})
        return str(told["Attributes"]["QueueArn"])

    def receive(self) -> list[dict[str, Any]]:
        """Up to ten messages; waits for the first one for as long as `POLL_SECONDS`."""
        asked = {**self._me, "MaxNumberOfMessages": 10, "WaitTimeSeconds": POLL_SECONDS}
        return list(self._call("ReceiveMessage", asked).get("Messages", []))

    def delete(self, receipt: str) -> None:
        """Take a message that has been dealt with off the queue."""
        self._call("DeleteMessage", {**self._me, "ReceiptHandle": receipt})

    @property
    def _me(self) -> dict[str, Any]:
        return {"QueueUrl": self.url}

    def _call(self, action: str, body: dict[str, Any]) -> dict[str, Any]:
        connection = http.client.HTTPConnection(self._netloc, timeout=POLL_SECONDS + 30)
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"AmazonSQS.{action}",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={SCOPE}",
        }
        try:
            connection.request("POST", "/", json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise OSError(f"{action} on {self.name}: {answer.status} {text[:300]!r}")
        return dict(json.loads(text or b"{}"))


def create_upload_queue(endpoint: str) -> str:
    """The queue of storage events, with a second one for those that always fail; its ARN."""
    failed = Queue(endpoint, FAILED).create()
    redrive = {"deadLetterTargetArn": failed, "maxReceiveCount": str(MAX_ATTEMPTS)}
    return Queue(endpoint).create(
        {
            "VisibilityTimeout": str(VISIBILITY_SECONDS),
            "RedrivePolicy": json.dumps(redrive),
        }
    )
