"""The chain over stored bytes: h_n = SHA-256(domain || h_(n-1) || bytes_n).

`bytes_n` is the line as stored, without its line feed. h_(-1) is the digest of `run.json`
under its own domain, so the question is bound to the first event. Nothing is ever
re-serialised to be verified.
"""

import hashlib
from collections.abc import Sequence

EVENT_DOMAIN = b"gaseol.event/1\0"
RUN_DOMAIN = b"gaseol.run/1\0"
NODE_DOMAIN = b"gaseol.node/1\0"


def start(run_json: bytes) -> bytes:
    """Return h_(-1), which binds the chain to `run.json`."""
    return hashlib.sha256(RUN_DOMAIN + run_json).digest()


def link(previous: bytes, line: bytes) -> bytes:
    """Return h_n from h_(n-1) and the stored line."""
    return hashlib.sha256(EVENT_DOMAIN + previous + line).digest()


class Merkle:
    """A Merkle root grown leaf by leaf; an odd node is carried up unchanged.

    A leaf is the digest of an event, which was hashed under a domain of its own: nobody can pass
    off a node as a leaf.
    """

    def __init__(self) -> None:
        self._peaks: list[tuple[int, bytes]] = []
        self.count = 0

    def add(self, leaf: bytes) -> None:
        """Append a leaf."""
        self._grow(1, leaf)

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Append leaves; a power of two of them, where as many times that came before, is quick."""
        size = len(leaves)
        if not size or size & (size - 1) or self.count % size:
            for leaf in leaves:
                self.add(leaf)
            return
        sha256, node = hashlib.sha256, NODE_DOMAIN
        level = list(leaves)
        while len(level) > 1:
            pairs = iter(level)
            level = [
                sha256(node + left + right).digest()
                for left, right in zip(pairs, pairs, strict=True)
            ]
        self._grow(size, level[0])

    def _grow(self, size: int, node: bytes) -> None:
        self.count += size
        while self._peaks and self._peaks[-1][0] == size:
            node = hashlib.sha256(NODE_DOMAIN + self._peaks.pop()[1] + node).digest()
            size *= 2
        self._peaks.append((size, node))

    def root(self) -> bytes:
        """Return the root over the leaves so far."""
        if not self._peaks:
            return hashlib.sha256(NODE_DOMAIN).digest()
        node = self._peaks[-1][1]
        for _, left in reversed(self._peaks[:-1]):
            node = hashlib.sha256(NODE_DOMAIN + left + node).digest()
        return node
