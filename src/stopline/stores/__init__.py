"""Stores: journals, projections and what a person does with them. They keep and show; they decide nothing."""
