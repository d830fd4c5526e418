"""Protocols to the outside, and the types that cross them. Each has an in-memory twin in tests/twins."""
