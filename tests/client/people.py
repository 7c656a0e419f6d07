"""What a person does in the browser at the development issuer."""

from urllib.parse import parse_qs, urlencode, urlsplit

import urllib3

from modelry.login import DevicePrompt


def press(prompt: DevicePrompt, **form: str) -> None:
    """Confirm (user=NAME) or deny (deny=yes) the code."""
    address = urlsplit(prompt.complete_address or prompt.address)
    code = parse_qs(address.query).get("user_code", [prompt.code])[0]
    done = urllib3.request(
        "POST",
        f"{address.scheme}://{address.netloc}{address.path}",
        body=urlencode({"user_code": code, **form}),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert done.status == 200, done.data
