"""What should happen: pure models and decisions, without any input or output."""
