"""One page a step. Pages collect facts and decide nothing."""
