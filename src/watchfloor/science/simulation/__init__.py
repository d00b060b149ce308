"""A moderation operation that can be simulated: its description, its event loop, its history, its present."""

from watchfloor.science.simulation.demo_world import build_world
from watchfloor.science.simulation.history import History, OpenCase, simulate_history
from watchfloor.science.simulation.truth import truth
from watchfloor.science.simulation.world import DemoWorld

__all__ = ["DemoWorld", "History", "OpenCase", "build_world", "simulate_history", "truth"]
