"""Fixtures for every test; each lives in the kit."""

pytest_plugins = ["tests.kit.postgres"]
