"""What the policy makes of the parts of a run: the steps of an environment, the plan that people review, its faults."""
