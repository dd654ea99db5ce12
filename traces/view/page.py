"""The page itself: markup, style and script from the assets, with nothing of a record in them."""

import base64
import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import orjson

_ASSETS = Path(__file__).parent / "assets"
_STYLES = ("page.css", "views.css", "print.css")
_SCRIPTS = (
    "words.js", "phrase.js", "element.js", "source.js", "list.js", "link.js", "record.js", "name.js",
    "tree.js", "chart.js", "event.js", "literature.js", "ranking.js", "remark.js", "criterion.js", "draws.js", "check.js",
    "claim.js", "board.js", "story.js", "timeline.js", "graph.js",
    "evidence.js", "measurements.js", "drawings.js", "models.js", "compare.js", "review.js",
    "shelf.js", "search.js", "keys.js", "page.js",
)  # fmt: skip
LANGUAGES = ("en", "ko")


@cache
def style() -> str:
    """Return the style sheet."""
    return "\n".join(_read(name) for name in _STYLES)


@cache
def script() -> str:
    """Return the script: every asset in one scope of its own."""
    parts = "\n".join(_read(name) for name in _SCRIPTS)
    if "</script" in parts.lower() or "<!--" in parts:
        raise ValueError("an asset of the viewer would end the script it stands in")
    return f'(() => {{\n"use strict";\n{parts}\n}})();\n'


def policy(*, served: bool) -> str:
    """Return the content security policy: this style and script, and nothing else."""
    rules = [
        "default-src 'none'",
        f"script-src '{_hash(script())}'",
        f"style-src '{_hash(style())}'",
        "img-src data: blob:",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]
    if served:
        rules += ["connect-src 'self'", "frame-ancestors 'none'"]
    return "; ".join(rules)


def opening(start: dict[str, Any], language: str, *, served: bool) -> str:
    """Return the page from its beginning to before its script.

    Args:
        start: what the script is told; none of it reaches the page as markup.
        language: `en` or `ko`.
        served: whether it comes from a server, which then sends the policy too.
    """
    if language not in LANGUAGES:
        raise ValueError(f"there is no language '{language}'; there are {', '.join(LANGUAGES)}")
    words = {name: orjson.loads(_read(f"words.{name}.json")) for name in LANGUAGES}
    return "\n".join(
        (
            "<!DOCTYPE html>",
            f'<html lang="{language}">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_policy_in_page(served)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            '<meta name="color-scheme" content="light dark">',
            '<link rel="icon" href="data:,">',
            "<title>gaseol</title>",
            f"<style>{style()}</style>",
            "</head>",
            "<body>",
            '<div id="app"><p id="wait">gaseol</p></div>',
            "<noscript><p>This page needs JavaScript. Without it, read report.html in the run's "
            "folder, or: gaseol show.</p></noscript>",
            plain("words", words),
            plain("start", start),
            "",
        )
    )


def closing() -> str:
    """Return the script."""
    return f"<script>{script()}</script>\n"


def data(name: str, value: Any) -> str:
    """Return a block of data: compressed, in base64, so that nothing in it is markup."""
    _check(name)
    packed = base64.b64encode(gzip.compress(orjson.dumps(value, default=str), 6, mtime=0)).decode()
    return f'<script type="application/x-gaseol" id="{name}">{packed}</script>'


def plain(name: str, value: Any) -> str:
    """Return a block of data that is read at once: JSON in which no markup can begin or end."""
    _check(name)
    text = orjson.dumps(value, default=str).decode()
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f'<script type="application/x-gaseol+json" id="{name}">{text}</script>'


def _check(name: str) -> None:
    if not all(c.isalnum() or c in ":-" for c in name):
        raise ValueError(f"'{name}' is no name of a block")


def _policy_in_page(served: bool) -> str:
    # a page cannot forbid by itself that it is framed; the server's header does
    return policy(served=served).replace("; frame-ancestors 'none'", "")


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _read(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")
