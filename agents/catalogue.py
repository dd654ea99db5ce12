"""Scientists by name: the built-in ones, those that plug-ins bring, and models that were added."""

import difflib
from collections.abc import Mapping
from typing import Any

from gaseol.agents.roles import Scientist
from gaseol.tools.registry import plugin_objects
from gaseol.tools.site import site

_OWN = ("embedded", "random", "site")


class UnknownScientist(LookupError):
    """Neither built in, nor a plug-in's, nor a known model."""


def scientists() -> dict[str, Scientist]:
    """Return every scientist that an installed plug-in has at its top level, by name.

    The built-in ones are not among them, and no plug-in can take their names.
    """
    found: dict[str, Scientist] = {}
    for _, _, thing in plugin_objects():
        if isinstance(thing, Scientist) and thing.name not in _OWN:
            found.setdefault(thing.name, thing)
    return found


def find_scientist(name: str, *, field: str = "", despite: str = "") -> Scientist:
    """Return a scientist by name.

    Args:
        name: `embedded`, `random`, a plug-in's, models as `gaseol.agents.driven` reads them, or
            `site`: whom the site names for the question's field.
        field: of the question.
        despite: why a use that a model's licence forbids is made all the same.

    Raises:
        UnknownScientist: there is none of this name.
        SiteError: the site file cannot be used.
    """
    if name == "site":
        here = site()
        name = here.scientist(field) if here else "embedded"
    if name == "embedded":
        from gaseol.agents.embedded import embedded

        return embedded()
    if name == "random":
        from gaseol.agents.chance import chance

        return chance()
    plugged = scientists()
    if name in plugged:
        return plugged[name]
    from gaseol.agents.driven import driven
    from gaseol.agents.models.profile import ProfileProblem, kept

    try:
        return driven(name, despite=despite)
    except ProfileProblem as error:
        known = [*kept(), *_OWN, *plugged]
        near = difflib.get_close_matches(name, known, n=1)
        hint = (
            f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}, and {error}"
        )
        raise UnknownScientist(f"there is no scientist '{name}'; {hint}") from None


def scientist_of(run: Mapping[str, Any]) -> Scientist:
    """Return the scientist that a run was made by, from what `run.json` says.

    Raises:
        UnknownScientist: this version does not know it.
    """
    if not run.get("models"):
        return find_scientist(run["scientist"])
    from gaseol.agents.driven import DrivenScientist
    from gaseol.agents.models.profile import ProfileProblem

    try:
        return DrivenScientist.of_card(run["models"], run["scientist"])
    except ProfileProblem as error:
        raise UnknownScientist(str(error)) from None
