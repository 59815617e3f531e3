"""Twilio: requests, webhook signatures, call script, text encoding, error codes."""
