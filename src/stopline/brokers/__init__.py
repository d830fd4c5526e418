"""Outbound: each broker's connection, translated into our inputs. They report; they decide nothing."""
