"""Sentences in more than one language: the record is written once, and retold to whoever reads."""

from gaseol.traces.language.words import LANGUAGES, Language, Words, words

__all__ = ["LANGUAGES", "Language", "Words", "words"]
