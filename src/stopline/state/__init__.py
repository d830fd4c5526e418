"""What the engine remembers. Durable records change only in `engine/apply`; volatile ones are marked so."""
