"""The formulas of chain and root, written a second time from their description."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaseol.traces.record import chain


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


@given(st.binary(max_size=60), st.lists(st.binary(max_size=60), max_size=10))
def test_the_chain_is_the_documented_formula(run_json, lines):
    head = chain.start(run_json)
    assert head == sha(b"gaseol.run/1", b"\0", run_json)
    for line in lines:
        following = chain.link(head, line)
        assert following == sha(b"gaseol.event/1", b"\0", head, line)
        head = following


def test_known_digests():
    """Fixed for good: a record of today must verify in ten years."""
    head = chain.start(b"{}")
    assert head.hex() == hashlib.sha256(b"gaseol.run/1\0{}").hexdigest()
    assert (
        chain.link(head, b"{}").hex()
        == "2f186612f978ed9b9e8c3f2b06b6f49a93eb3be42f2afe143a65e93d9a84eae3"
    )
    tree = chain.Merkle()
    for leaf in (b"a", b"b", b"c"):
        tree.add(leaf)
    assert tree.root().hex() == "ef126262bd144809daa08424e25b6126b3cab5a23c9d94c8ff0dad43c34da4a5"


def test_every_event_of_a_record_follows(ledger, sealed):
    head = sha(b"gaseol.run/1\0", (sealed / "run.json").read_bytes())
    heads = []
    for line, event in zip(
        (sealed / "events.jsonl").read_bytes().split(b"\n"), ledger.events(sealed), strict=False
    ):
        assert event["prev"] == head.hex()
        head = sha(b"gaseol.event/1\0", head, line)
        heads.append(head)
    import orjson

    seal = orjson.loads((sealed / "seal.json").read_bytes())
    assert seal["head"] == head.hex()
    assert seal["root"] == ledger.naive_root(heads).hex()


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_the_root_is_that_of_a_tree_built_level_by_level(ledger, leaves):
    tree = chain.Merkle()
    for leaf in leaves:
        tree.add(leaf)
    assert tree.count == len(leaves)
    assert tree.root() == ledger.naive_root(leaves)


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40), st.data())
def test_every_leaf_and_every_place_counts(leaves, data):
    def root(of):
        tree = chain.Merkle()
        for leaf in of:
            tree.add(leaf)
        return tree.root()

    at = data.draw(st.integers(0, len(leaves) - 1))
    other = bytes([leaves[at][0] ^ 1, *leaves[at][1:]])
    assert root([*leaves[:at], other, *leaves[at + 1 :]]) != root(leaves)
    assert root(leaves[:-1]) != root(leaves)
    assert root([*leaves, leaves[-1]]) != root(leaves)
    if leaves != leaves[::-1]:
        assert root(leaves[::-1]) != root(leaves)


def test_an_event_is_not_a_node():
    """What is hashed for an event never begins as what is hashed for two of them does."""
    previous, line = b"a" * 32, b"b" * 32
    assert (
        chain.link(previous, line) != hashlib.sha256(chain.NODE_DOMAIN + previous + line).digest()
    )
    assert chain.NODE_DOMAIN[:12] != chain.EVENT_DOMAIN[:12]


@pytest.mark.parametrize("domain", ["EVENT", "RUN", "NODE"])
def test_domains_are_apart(domain):
    domains = [getattr(chain, f"{d}_DOMAIN") for d in ("EVENT", "RUN", "NODE")]
    assert domains.count(getattr(chain, f"{domain}_DOMAIN")) == 1
    assert all(d.endswith(b"\0") for d in domains)
