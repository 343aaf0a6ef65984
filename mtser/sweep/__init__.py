"""Many runs at once: systems, protocols and seeds, each in a process of its own."""

from mtser.sweep.plan import Plan, make_plan
from mtser.sweep.run import Run
from mtser.sweep.scheduler import Scheduler

__all__ = ["Plan", "Run", "Scheduler", "make_plan"]
