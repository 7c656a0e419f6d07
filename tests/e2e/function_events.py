"""Events as the platforms write them: four kinds of gateways, two kinds of object stores."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus

ADDRESS = "192.0.2.7"

Event = dict[str, Any]
Gateway = Callable[..., Event]


def http_api(
    method: str, path: str, headers: Mapping[str, str], query: str = "", body: str | None = None
) -> Event:
    """API Gateway's HTTP API, payload version 2.0."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": dict(headers),
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": ADDRESS, "protocol": "HTTP/1.1"},
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": False,
    }


def function_url(
    method: str, path: str, headers: Mapping[str, str], query: str = "", body: str | None = None
) -> Event:
    """A function's own URL: bodies that are not plain text come base64-encoded."""
    event = http_api(method, path, headers, query, body)
    event["requestContext"]["domainName"] = "abc.lambda-url.eu-west-1.on.aws"
    if body is not None:
        event |= {"body": base64.b64encode(body.encode()).decode(), "isBase64Encoded": True}
    return event


def rest_api(
    method: str, path: str, headers: Mapping[str, str], query: str = "", body: str | None = None
) -> Event:
    """API Gateway's REST API, payload version 1.0."""
    pairs = parse_qsl(query, keep_blank_values=True)
    return {
        "version": "1.0",
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": dict(headers),
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": dict(pairs) or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in pairs} or None,
        "requestContext": {
            "resourcePath": "/{proxy+}",
            "httpMethod": method,
            "identity": {"sourceIp": ADDRESS},
        },
        "body": body,
        "isBase64Encoded": False,
    }


def load_balancer(
    method: str, path: str, headers: Mapping[str, str], query: str = "", body: str | None = None
) -> Event:
    """An application load balancer: its query values stay encoded."""
    group = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/modelry/0123456789"
    return {
        "requestContext": {"elb": {"targetGroupArn": group}},
        "httpMethod": method,
        "path": path,
        "headers": {**headers, "x-forwarded-for": ADDRESS},
        "queryStringParameters": dict(pair.split("=", 1) for pair in query.split("&") if pair),
        "body": body or "",
        "isBase64Encoded": False,
    }


GATEWAYS: dict[str, Gateway] = {
    "HTTP API": http_api,
    "REST API": rest_api,
    "load balancer": load_balancer,
    "function URL": function_url,
}


def s3_notification(bucket: str, *keys: str) -> Event:
    """What S3 sends: keys as in a query string, a plus being a space."""
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "eventName": "ObjectCreated:Put",
                "s3": {
                    "bucket": {"name": bucket},
                    "object": {"key": quote_plus(key, safe="/"), "size": 1, "sequencer": "0A"},
                },
            }
            for key in keys
        ]
    }


def minio_notification(bucket: str, key: str) -> Event:
    """What MinIO's webhook sends: the same in a wrapping of its own, slashes encoded too."""
    name = "s3:ObjectCreated:CompleteMultipartUpload"
    return {
        "EventName": name,
        "Key": f"{bucket}/{key}",
        "Records": [
            {
                "eventVersion": "2.0",
                "eventSource": "minio:s3",
                "eventName": name,
                "s3": {
                    "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
                    "object": {"key": quote(key, safe="").replace("%20", "+"), "size": 1},
                },
            }
        ],
    }


def queued(**events: Event) -> Event:
    """Storage notifications that came through a queue, each under its message id."""
    return {
        "Records": [
            {"messageId": message_id, "body": json.dumps(event), "eventSource": "aws:sqs"}
            for message_id, event in events.items()
        ]
    }
