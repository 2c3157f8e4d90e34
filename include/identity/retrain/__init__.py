"""Training on the warehouse's own records: a candidate, its judgement beside the model in force, the choice."""
