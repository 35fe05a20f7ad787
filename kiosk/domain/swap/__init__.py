"""One visit at the counter: its steps, its completion, its receipt, and swaps that wait for their answer."""
