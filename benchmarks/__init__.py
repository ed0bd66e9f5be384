"""What the performance claims rest on; `python -m benchmarks` prints the tables of docs/performance.md."""
