"""`stopline sim`: brokers that are not real, to develop and test against."""
