"""The screens of a site: every text that is asked or answered is shown to each of them.

What cannot be screened is refused: a list that changed, a tool that was killed at its limit.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gaseol.tools.contract import Call
from gaseol.tools.registry import Registry
from gaseol.tools.screen import Screened
from gaseol.tools.site import Site, SiteError
from gaseol.tools.workers.pool import Pool

_BATCH = 2000
"""Texts in one call of a screen."""
_TAKES = {"texts", "file", "sha256"}
_SHOWN = 80


class Screens:
    """The screens of a site, each with its list, ready to be asked."""

    def __init__(self, site: Site | None, registry: Registry | None = None) -> None:
        """Read every list; the worker that screens is one of its own.

        Args:
            site: whose screens they are; without one there are none.
            registry: the tools that are installed; by default they are looked up.

        Raises:
            SiteError: a list is none, or the tool that is to read it is not here.
        """
        self._lists = dict(site.screens) if site else {}
        self._digests: dict[str, str] = {}
        self.entries: dict[str, int] = {}
        """What each list names, counted."""
        self._pool: Pool | None = None
        if not self._lists or site is None:
            return
        known = registry or Registry.load()
        for name, one in self._lists.items():
            where = f"{site.path}: screens.{name}"
            if one.by not in known:
                raise SiteError(f"{where}.by: there is no tool '{one.by}' here")
            taken = known.get(one.by).input_schema.get("properties", {})
            if set(taken) != _TAKES:
                raise SiteError(f"{where}.by: '{one.by}' is no screen; it takes {', '.join(taken)}")
        entries = [known.entry(by) for by in {one.by for one in self._lists.values()}]
        self._pool = Pool(Registry(entries=entries), jobs=1)
        try:
            for name, one in self._lists.items():
                self._read(site, name, one.file)
        except BaseException:
            self.close()
            raise

    def __bool__(self) -> bool:
        return bool(self._lists)

    def refusal(self, value: Any) -> str:
        """Say why a value may not be worked with; empty where no screen minds.

        Args:
            value: JSON-able; every text in it is screened, names of members included.
        """
        if self._pool is None:
            return ""
        texts = list(dict.fromkeys(_texts(value)))
        for name, one in self._lists.items():
            for start in range(0, len(texts), _BATCH):
                batch = texts[start : start + _BATCH]
                found = self._ask(name, batch)
                if isinstance(found, str):
                    return f"the screen '{name}' could not look at it, so it is refused: {found}"
                for hit in found.hits:
                    said = batch[hit.text] if hit.text < len(batch) else ""
                    shown = said if len(said) <= _SHOWN else f"{said[: _SHOWN - 3]}..."
                    why = f". {one.reason}" if one.reason else ""
                    return f"the screen '{name}' names {hit.entry} ({hit.how}): {shown!r}{why}"
        return ""

    def close(self) -> None:
        """End the worker."""
        if self._pool is not None:
            self._pool.close()

    def _read(self, site: Site, name: str, file: Path) -> None:
        self._digests[name] = self._lists[name].card["sha256"]
        found = self._ask(name, [])
        if isinstance(found, str):
            raise SiteError(f"{site.path}: screens.{name}: {file}: {found}")
        if not found.entries:
            raise SiteError(f"{site.path}: screens.{name}: {file} names nothing")
        self.entries[name] = found.entries

    def _ask(self, name: str, texts: list[str]) -> Screened | str:
        assert self._pool is not None
        one = self._lists[name]
        given = {"texts": texts, "file": str(one.file), "sha256": self._digests[name]}
        answer = self._pool.submit(Call(tool=one.by, arguments=given)).result()
        if answer.failure is not None:
            return answer.failure.reason
        return Screened.model_validate(answer.value)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value:
            yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
