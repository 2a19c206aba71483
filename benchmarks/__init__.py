"""What is measured, beside peers, in one run. `python -m benchmarks` lists and runs them all."""
