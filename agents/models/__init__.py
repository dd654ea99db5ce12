"""Language models: profiles, the client and its dialects, and the door that a run opens to them."""

from gaseol.agents.models.profile import Profile, ProfileProblem, load_profile

__all__ = ["Profile", "ProfileProblem", "load_profile"]
