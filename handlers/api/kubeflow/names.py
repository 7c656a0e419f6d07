"""Model names: Kubeflow's are free text, ours stand in URLs and object keys.

The characters that ours may not have are written `%XX` in them, and read back.
"""

import re

_UNSAFE = re.compile(r"[/\\:@]|%(?=2F|5C|3A|40|20|25|2E)|^[ .]|[ .]$")
_ESCAPED = re.compile(r"%(2F|5C|3A|40|20|25|2E)")


def name_within(name: str) -> str:
    """The registry's name of what Kubeflow calls so."""
    return _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", name)


def name_outside(name: str) -> str:
    """What Kubeflow calls a model of this name."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), name)
