"""`stopline paper`: a recorded market through the whole system, with or without a file of orders."""
