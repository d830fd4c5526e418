"""Where orders and questions come in: each door translates one way of speaking, and decides nothing."""
