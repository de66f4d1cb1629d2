"""The Merkle tree against RFC 9162, with pymerkle as the oracle. Needs no database."""

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvara.kernel import merkle


def leaves(count: int) -> list[bytes]:
    return [merkle.leaf_hash(b"entry %d" % number) for number in range(count)]


def oracle(count: int) -> pymerkle.InmemoryTree:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for number in range(count):
        tree.append_entry(b"entry %d" % number)
    return tree


sizes = st.integers(min_value=1, max_value=70)


def test_the_empty_tree_is_the_hash_of_nothing():
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_leaf_is_no_inner_node():
    left, right = leaves(2)
    assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)


@pytest.mark.parametrize("size", range(1, 40))
def test_the_root_is_the_oracles(size):
    assert merkle.root(leaves(size)) == oracle(size).get_root()


@pytest.mark.parametrize("size", range(1, 20))
def test_inclusion_proofs_are_the_oracles_and_hold(size):
    tree, own = oracle(size), leaves(size)
    for index in range(size):
        proof = merkle.inclusion_proof(own, index)
        assert sorted([own[index], *proof]) == sorted(tree.prove_inclusion(index + 1, size).path)
        assert merkle.verify_inclusion(own[index], index, size, proof, tree.get_root()) is True


def subproof(first: int, own: list[bytes], complete: bool) -> list[bytes]:
    """SUBPROOF of RFC 9162, section 2.1.4.1, letter by letter: pymerkle's proofs have another form."""
    if first == len(own):
        return [] if complete else [merkle.root(own)]
    k = max(2**power for power in range(10) if 2**power < len(own))
    if first <= k:
        return [*subproof(first, own[:k], complete), merkle.root(own[k:])]
    return [*subproof(first - k, own[k:], False), merkle.root(own[:k])]


@pytest.mark.parametrize("second", range(1, 20))
def test_consistency_proofs_are_the_rfcs_and_hold_between_the_oracles_roots(second):
    tree, own = oracle(second), leaves(second)
    for first in range(1, second):
        proof = merkle.consistency_proof(own, first)
        assert proof == subproof(first, own, True)
        first_root, second_root = tree.get_root(first), tree.get_root()
        assert merkle.verify_consistency(first, second, first_root, second_root, proof) is True
        oracles = tree.prove_consistency(first, second)
        pymerkle.verify_consistency(merkle.root(own[:first]), merkle.root(own), oracles)


def test_a_tree_is_consistent_with_itself():
    root = merkle.root(leaves(5))
    assert merkle.consistency_proof(leaves(5), 5) == []
    assert merkle.verify_consistency(5, 5, root, root, []) is True
    assert merkle.verify_consistency(5, 5, root, merkle.EMPTY_ROOT, []) is False
    assert merkle.verify_consistency(5, 5, root, root, [root]) is False


@given(size=sizes, data=st.data())
def test_no_other_leaf_place_or_sibling_passes(size, data):
    own = leaves(size)
    root = merkle.root(own)
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(own, index)
    assert merkle.verify_inclusion(merkle.leaf_hash(b"another"), index, size, proof, root) is False
    other = data.draw(st.integers(-1, size).filter(lambda place: place != index))
    assert merkle.verify_inclusion(own[index], other, size, proof, root) is False
    assert merkle.verify_inclusion(own[index], index, size, [*proof, root], root) is False
    if proof:
        assert merkle.verify_inclusion(own[index], index, size, proof[:-1], root) is False
        changed = data.draw(st.integers(0, len(proof) - 1))
        broken = [*proof[:changed], merkle.leaf_hash(proof[changed]), *proof[changed + 1 :]]
        assert merkle.verify_inclusion(own[index], index, size, broken, root) is False


@given(first=sizes, more=sizes, data=st.data())
def test_a_rewritten_past_is_not_consistent(first, more, data):
    own = leaves(first + more)
    first_root = merkle.root(own[:first])
    changed = data.draw(st.integers(0, first - 1))
    rewritten = [*own[:changed], merkle.leaf_hash(b"rewritten"), *own[changed + 1 :]]
    proof = merkle.consistency_proof(rewritten, first)
    assert merkle.verify_consistency(first, len(own), first_root, merkle.root(rewritten), proof) is False
    honest = merkle.consistency_proof(own, first)
    assert merkle.verify_consistency(first, len(own), first_root, merkle.root(own), honest) is True
    assert merkle.verify_consistency(first, len(own), first_root, merkle.root(own), honest[:-1]) is False
    assert merkle.verify_consistency(first, len(own), first_root, merkle.root(own), [*honest, first_root]) is False


@given(start=st.integers(0, 70), more=st.integers(0, 70))
def test_a_frontier_goes_on_growing_from_its_bytes(start, more):
    own = leaves(start + more)
    frontier = merkle.Frontier()
    for leaf in own[:start]:
        frontier.append(leaf)
    resumed = merkle.Frontier.from_bytes(start, bytes(frontier))
    for leaf in own[start:]:
        resumed.append(leaf)
    assert (resumed.size, resumed.root()) == (start + more, merkle.root(own))
    assert len(resumed.nodes) == (start + more).bit_count()


def test_a_frontier_that_does_not_fit_its_size_is_refused():
    with pytest.raises(ValueError, match="full subtrees of a tree of 3"):
        merkle.Frontier.from_bytes(3, leaves(1)[0])


def test_proofs_of_what_is_not_there_are_refused():
    with pytest.raises(IndexError, match="no leaf 3"):
        merkle.inclusion_proof(leaves(3), 3)
    with pytest.raises(ValueError, match="cannot have grown"):
        merkle.consistency_proof(leaves(3), 4)
