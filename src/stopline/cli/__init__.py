"""The command line: what people and scripts type. Every command imports what it needs when it runs."""
