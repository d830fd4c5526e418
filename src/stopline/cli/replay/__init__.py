"""`stopline replay`: somebody's own trade history, put through the engine."""
