"""Gates: Great Expectations checkpoints between the layers, with two loudnesses."""

from include.gates.outcome import GateOutcome, Problem
from include.gates.run import judge_batch, run_layer_gate, run_raw_gate

__all__ = ["GateOutcome", "Problem", "judge_batch", "run_layer_gate", "run_raw_gate"]
