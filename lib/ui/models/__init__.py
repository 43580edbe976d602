"""What is served: versions, their state and evaluations, code that asks them, and the way there."""
