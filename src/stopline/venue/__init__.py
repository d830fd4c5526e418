"""A market to trade on without a broker: the matching exchange, and the quotes that drive it."""
