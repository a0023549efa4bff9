"""What a deployment does, step by step: the plan of a run, what comes next in it, and how it may go on after a failure."""
