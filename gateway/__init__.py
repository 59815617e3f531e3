"""dispatchd: dispatch of urgent messages to the people on call."""
