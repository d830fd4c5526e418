"""What the Makefile runs beside tests and benchmarks. Not installed."""
