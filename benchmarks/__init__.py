"""What the warehouse costs, measured: `python -m benchmarks --help`."""
