"""Merkle trees as in RFC 6962 and RFC 9162: SHA-256, leaves and nodes hashed apart."""

import hashlib
from collections.abc import Sequence

Digest = bytes


def leaf_digest(content: bytes) -> Digest:
    """The digest of one leaf (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_digest(left: Digest, right: Digest) -> Digest:
    """The digest of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: Sequence[Digest]) -> Digest:
    """The root over these leaf digests, in this order; of none, SHA-256 of nothing."""
    if not leaves:
        return hashlib.sha256().digest()
    level = list(leaves)
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [*(node_digest(*pair) for pair in pairs), *level[len(level) & ~1 :]]
    return level[0]


def inclusion_path(leaves: Sequence[Digest], index: int) -> tuple[Digest, ...]:
    """The digests with which the leaf at `index` leads to the root (RFC 9162, 2.1.3), from the
    leaf upwards. Raises `IndexError` if there is no such leaf."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"there is no leaf {index} among {len(leaves)}")
    path: list[Digest] = []
    start, end = 0, len(leaves)
    while end - start > 1:
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        if index < middle:
            path.append(root_of(leaves[middle:end]))
            end = middle
        else:
            path.append(root_of(leaves[start:middle]))
            start = middle
    return tuple(reversed(path))


def root_from_path(leaf: Digest, index: int, size: int, path: Sequence[Digest]) -> Digest | None:
    """The root that the path leads to from the leaf at `index` of `size` (RFC 9162, 2.1.3.2);
    None if such a tree has no such path."""
    if not 0 <= index < size:
        return None
    node, last, digest = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            digest = node_digest(sibling, digest)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            digest = node_digest(digest, sibling)
        node, last = node >> 1, last >> 1
    return digest if last == 0 else None
