"""The async shell around the engine: the single writer, its clocks and timers, recovery, and the way to brokers."""
