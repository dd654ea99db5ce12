"""The scientist that language models drive, held to the same laws as the embedded one."""

from gaseol.agents.driven.scientist import DrivenScientist, driven

__all__ = ["DrivenScientist", "driven"]
