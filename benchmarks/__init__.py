"""Performance benchmarks of the warehouse: `python -m benchmarks --help`."""
