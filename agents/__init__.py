"""Who thinks: the scientist's roles, the embedded scientist, language models."""

from gaseol.agents.embedded import embedded
from gaseol.agents.roles import Scientist

__all__ = ["Scientist", "embedded"]
