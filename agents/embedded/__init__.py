"""The embedded scientist: every role without any language model, deterministic by seed."""

from gaseol.agents.embedded.designer import EmbeddedDesigner
from gaseol.agents.embedded.interpreter import EmbeddedInterpreter
from gaseol.agents.embedded.sceptic import EmbeddedSceptic
from gaseol.agents.embedded.theorist import EmbeddedTheorist
from gaseol.agents.embedded.writer import EmbeddedWriter
from gaseol.agents.roles import Scientist


def embedded() -> Scientist:
    """Return the default scientist, which is also the control arm."""
    return Scientist(
        name="embedded",
        theorist=EmbeddedTheorist(),
        sceptic=EmbeddedSceptic(),
        designer=EmbeddedDesigner(),
        interpreter=EmbeddedInterpreter(),
        writer=EmbeddedWriter(),
    )


__all__ = ["embedded"]
