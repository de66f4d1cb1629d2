"""Merkle trees of RFC 9162, section 2.1: hashes, roots, proofs that a leaf is in a tree and that a tree only grew.

Pure arithmetic on bytes: no database, no clock, no signature. Leaves are passed as their hashes (`leaf_hash`), in the
order of the tree; all hashes are SHA-256, 32 bytes.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

SIZE = 32
EMPTY_ROOT = sha256().digest()


def leaf_hash(data: bytes) -> bytes:
    # The prefixes keep a leaf from being passed off as an inner node, and the other way round.
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: the roots of its full subtrees, from the largest to the smallest.

    A tree of n leaves has one for every bit set in n, so a tree of a million leaves goes on growing from at most
    twenty hashes, without its leaves.
    """

    def __init__(self, size: int = 0, nodes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.nodes = list(nodes)
        if len(self.nodes) != size.bit_count() or any(len(node) != SIZE for node in self.nodes):
            raise ValueError(f"These are not the full subtrees of a tree of {size} leaves.")

    @classmethod
    def from_bytes(cls, size: int, joined: bytes) -> "Frontier":
        return cls(size, [joined[start : start + SIZE] for start in range(0, len(joined), SIZE)])

    def __bytes__(self) -> bytes:
        return b"".join(self.nodes)

    def append(self, leaf: bytes) -> None:
        # Like adding one to a binary number: every trailing bit that is set merges with what is carried.
        carried, rest = leaf, self.size
        while rest & 1:
            carried = node_hash(self.nodes.pop(), carried)
            rest >>= 1
        self.nodes.append(carried)
        self.size += 1

    def root(self) -> bytes:
        if not self.nodes:
            return EMPTY_ROOT
        *larger, root = self.nodes
        for node in reversed(larger):
            root = node_hash(node, root)
        return root


def root(leaves: Iterable[bytes]) -> bytes:
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def _split(size: int) -> int:
    """The largest power of two smaller than `size`: where the RFC divides a tree of more than one leaf."""
    return 1 << ((size - 1).bit_length() - 1)


# ── A leaf is in the tree ────────────────────────────────────────────────────────────────────────────────────────────
def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """PATH(index, leaves) of section 2.1.3.1: the siblings from the leaf up to the root."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"There is no leaf {index} in a tree of {len(leaves)}.")
    proof: list[bytes] = []
    start, stop = 0, len(leaves)
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            proof.append(root(leaves[middle:stop]))
            stop = middle
        else:
            proof.append(root(leaves[start:middle]))
            start = middle
    return proof[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected_root: bytes) -> bool:
    """Whether the leaf is number `index` of the tree of `size` leaves with that root (section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last = index, size - 1
    computed = leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            computed = node_hash(sibling, computed)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            computed = node_hash(computed, sibling)
        node >>= 1
        last >>= 1
    return last == 0 and computed == expected_root


# ── The tree only grew ───────────────────────────────────────────────────────────────────────────────────────────────
def consistency_proof(leaves: Sequence[bytes], first: int) -> list[bytes]:
    """PROOF(first, leaves) of section 2.1.4.1: that the tree of the first `first` leaves is the start of this one."""
    if not 0 < first <= len(leaves):
        raise ValueError(f"A tree of {len(leaves)} leaves cannot have grown out of one of {first}.")
    proof: list[bytes] = []
    start, stop = 0, len(leaves)
    # While only left branches are left behind, the older tree's own root is known to whoever checks the proof.
    is_root_of_first = True
    while first != stop:
        middle = start + _split(stop - start)
        if first <= middle:
            proof.append(root(leaves[middle:stop]))
            stop = middle
        else:
            proof.append(root(leaves[start:middle]))
            start = middle
            is_root_of_first = False
    if not is_root_of_first:
        proof.append(root(leaves[start:stop]))
    return proof[::-1]


def verify_consistency(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `second` leaves begins with the whole tree of `first` leaves (section 2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not proof and first_root == second_root
    path = list(proof)
    if first & (first - 1) == 0:
        # A tree of 2ⁿ leaves is itself a node of the larger tree, and the proof leaves it out.
        path.insert(0, first_root)
    if not path:
        return False
    node, last = first - 1, second - 1
    while node & 1:
        node >>= 1
        last >>= 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old = node_hash(sibling, old)
            new = node_hash(sibling, new)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            new = node_hash(new, sibling)
        node >>= 1
        last >>= 1
    return last == 0 and old == first_root and new == second_root
