"""What is asked: the question, its cases, the measurement, the budget, the policy."""

from gaseol.scenarios.loader import ScenarioError, load
from gaseol.scenarios.scenario import Scenario

__all__ = ["Scenario", "ScenarioError", "load"]
