"""The guard: what a client may have called and be told, for its arguments are a model's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gaseol.graphs.running.checkpoint import reaches_out
from gaseol.graphs.running.labelling import stated
from gaseol.tools.contract import ToolCard
from gaseol.tools.screens import Screens
from gaseol.traces.nouns.label import PUBLIC, Confidentiality, Label, Target

CLIENT = Label(sources=("client",))
"""Of what a client gives: a model that is not ours chose it."""


@dataclass(frozen=True)
class Guard:
    """What the operator lets clients do."""

    clearance: Confidentiality = "institute"
    """Clients may be told what is no more confidential than that."""
    takes_low: frozenset[str] = frozenset()
    """Tools with consequences, or that reach out, which clients may call all the same."""
    screens: Screens | None = None

    def before(self, card: ToolCard, arguments: Mapping[str, Any]) -> str:
        """Say why a tool may not be called by a client like this; empty where it may.

        Args:
            card: of the tool.
            arguments: as the client gave them.
        """
        target = Target(
            name=card.name,
            leaves=reaches_out(card),
            consequential=card.consequential,
            takes_low=card.name in self.takes_low,
        )
        why = target.refusal(CLIENT, PUBLIC)
        if why:
            return why.replace("policy.low_integrity", "gaseol mcp --low-integrity")
        return self.screens.refusal(dict(arguments)) if self.screens else ""

    def after(self, card: ToolCard, value: Any) -> str:
        """Say why a client may not be told a result; empty where it may.

        Args:
            card: of the tool.
            value: that it gave.
        """
        label = Label(confidentiality=stated(card, value))
        if not label.within(self.clearance):
            return (
                f"what {card.name} found is {label.confidentiality}, and clients are cleared for what "
                f"is {self.clearance} (gaseol mcp --clearance)"
            )
        return self.screens.refusal(value) if self.screens else ""
