"""Judged by vendors' own clients, unmodified: they say whether our dialects are what they speak."""
