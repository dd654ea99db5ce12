"""Searching by meaning, with a model of six words that the test makes itself."""

from pathlib import Path

import pytest

from gaseol.tools import Call, Pool
from gaseol.tools.corpus.document import Document, Passage
from gaseol.tools.corpus.embedding import PLACE, embedder, fused
from gaseol.tools.corpus.index import CorpusError, Index
from gaseol.tools.corpus.vectors import embed, embedding, model_of, search_both

WORDS = {"boat": (1, 0, 0), "ship": (0.9, 0.1, 0), "배": (0.9, 0, 0.1), "salt": (0, 1, 0),
         "sodium": (0, 0.9, 0.1), "noise": (0, 0, 1)}  # fmt: skip
TEXTS = ("a boat at sea", "the ship sank", "배가 떠났다", "salt in water", "only noise")


def make(folder: Path, scale: float = 1.0) -> Path:
    """Write a model: a table of vectors by word."""
    pytest.importorskip("model2vec", reason="extra `embeddings` is not installed")
    import numpy as np
    from model2vec import StaticModel
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import Lowercase
    from tokenizers.pre_tokenizers import Whitespace

    vocabulary = {
        "[UNK]": 0,
        **{word: n for n, word in enumerate(WORDS, 1)},
        "##가": len(WORDS) + 1,
    }
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Whitespace()
    rows = [(0, 0, 0), *WORDS.values(), (0, 0, 0)]
    model = StaticModel(np.array(rows, dtype=np.float32) * scale, tokenizer, config={})
    model.save_pretrained(str(folder))
    return folder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return make(tmp_path / "six-words")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "corpora" / "x.sqlite"
    with Index(path, write=True) as index:
        file = index.add_file("", "a", "0", 0)
        for text in TEXTS:
            index.add(file, Document(title=text, passages=(Passage(text=text),)))
    return path


def test_what_means_the_same_is_found_beside_what_says_the_same(corpus, model) -> None:
    with Index(corpus, write=True) as index:
        assert embed(index, embedder(model)) == len(TEXTS)
        assert embed(index, embedder(model)) == 0, "what has a vector keeps it"
    with Index(corpus) as index:
        assert [hit.text for hit in index.search("boat")] == ["a boat at sea"]
        hits = search_both(index, "boat", 10, model_of(index))
        assert hits[0].text == "a boat at sea"
        assert {hit.text for hit in hits} == {"a boat at sea", "the ship sank", "배가 떠났다"}
        # no word of it is in any passage
        assert [hit.text for hit in search_both(index, "sodium", 1, model_of(index))] == [
            "salt in water"
        ]
        # what the model does not know is still found by its words
        assert [hit.text for hit in search_both(index, "sank", 10, model_of(index))] == [
            "the ship sank"
        ]


def test_removed_passages_take_their_vectors_along(corpus, model) -> None:
    with Index(corpus, write=True) as index:
        embed(index, embedder(model))
        index.remove_file("a")
        assert index.all_vectors() == []
        assert index.unembedded() == 0


def test_another_model_is_refused_and_makes_all_vectors_anew(corpus, model, tmp_path) -> None:
    with Index(corpus, write=True) as index:
        embed(index, embedder(model))
        first = embedding(index)
    other = make(tmp_path / "other", scale=2.0)
    assert first is not None
    with pytest.raises(CorpusError, match="was embedded by the model"):
        embedder(other, first.sha256)
    with Index(corpus, write=True) as index:
        assert embed(index, embedder(other)) == len(TEXTS)
        second = embedding(index)
    assert second is not None
    assert second.sha256 != first.sha256


def test_what_is_missing_is_said(corpus, model, tmp_path) -> None:
    with Index(corpus) as index, pytest.raises(CorpusError, match="gaseol corpus embed --model"):
        model_of(index)
    with Index(corpus, write=True) as index:
        embed(index, embedder(model))
        index.add(
            index.add_file("", "b", "1", 0), Document(title="b", passages=(Passage(text="b"),))
        )
        with pytest.raises(CorpusError, match=r"1 passages of .* have no vector yet"):
            model_of(index)
    with pytest.raises(CorpusError, match=r"it has no config\.json"):
        embedder(tmp_path)
    (model / "model.safetensors").write_bytes(b"no tensors")
    with pytest.raises(CorpusError, match="holds no embedding model"):
        embedder(model)


def test_a_worker_searches_by_meaning_and_names_the_model(
    corpus, model, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Index(corpus, write=True) as index:
        embed(index, embedder(model))
    monkeypatch.setenv("GASEOL_CORPORA", str(corpus.parent))
    arguments = {"query": "sodium", "corpus": "x", "by_meaning": True}
    with Pool(pool.registry, jobs=1) as own:
        found = own.submit(Call(tool="search_corpus", arguments=arguments)).result()
        assert found.failure is None, found.failure
        assert found.value["embedding"] == embedder(model).sha256
        assert found.value["hits"][0]["text"] == "salt in water"
        model.rename(model.with_name("moved"))
        gone = own.submit(Call(tool="search_corpus", arguments=arguments)).result()
        assert gone.failure is not None
        assert PLACE in gone.failure.reason
    monkeypatch.setenv(PLACE, str(model.with_name("moved")))
    with Pool(pool.registry, jobs=1) as own:
        found = own.submit(Call(tool="search_corpus", arguments=arguments)).result()
        assert found.failure is None, found.failure


def test_ranks_are_fused_by_their_reciprocals() -> None:
    found = fused([7, 8], [8, 9])
    assert sorted(found, key=lambda one: -found[one]) == [8, 7, 9]
    assert found[8] == pytest.approx(1 / 62 + 1 / 61)
