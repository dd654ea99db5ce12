"""Robotics: controlled machines in simulation; `pip install 'gaseol[robotics]'`."""

from gaseol.tools.robotics.balancing import balance_pole, poles
from gaseol.tools.robotics.pendulum import pendulum_period

__all__ = ["balance_pole", "pendulum_period", "poles"]
