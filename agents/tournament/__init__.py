"""How hypotheses compete for a test: compared in pairs, revised, reviewed; a rank is never a verdict."""

from gaseol.agents.tournament.referee import EmbeddedReferee
from gaseol.agents.tournament.reviewer import EmbeddedReviewer
from gaseol.agents.tournament.reviser import EmbeddedReviser

__all__ = ["EmbeddedReferee", "EmbeddedReviewer", "EmbeddedReviser"]
