"""Events into the rows of the tables that people query. Knows no database: the stores bring the rows and keep them."""
