"""What a deployment does, step by step: the plan of a run, what comes next, and the ways on from a failure."""
