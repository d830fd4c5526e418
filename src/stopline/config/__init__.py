"""Text -> plain settings: what a file says, checked, in human units. Knows no check, opens no socket."""
