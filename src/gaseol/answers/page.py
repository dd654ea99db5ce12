"""The form: markup, style and script, with nothing of a record in them."""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from gaseol.traces.view.page import plain

_HERE = Path(__file__).parent


def page(start: dict[str, Any], language: str) -> str:
    """Return the page.

    Args:
        start: what its script is told: the run's name, the token, and `signs`: name and id of the
            key that signs what is handed in, or null.
        language: `en` or `ko`.
    """
    return "\n".join(
        (
            "<!DOCTYPE html>",
            f'<html lang="{language}">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            '<meta name="color-scheme" content="light dark">',
            '<link rel="icon" href="data:,">',
            "<title>gaseol</title>",
            f"<style>{_read('form.css')}</style>",
            "</head>",
            "<body>",
            '<main id="main" tabindex="-1"></main>',
            "<noscript><p>This page needs JavaScript. Without it: gaseol todo, gaseol answer."
            "</p></noscript>",
            plain("start", start),
            f"<script>{_read('form.js')}</script>",
            "</body>",
            "</html>",
            "",
        )
    )


@cache
def policy() -> str:
    """Return the content security policy: this style and script, and nothing else."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(_read('form.js'))}'",
            f"style-src '{_hash(_read('form.css'))}'",
            "img-src data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


@cache
def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
