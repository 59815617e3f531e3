"""Listening: the JSON API, the webhooks of carriers, the pages of secure messages."""
