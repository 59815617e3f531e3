"""The daemon does: it claims what is due, performs it on the wire and records what came of it."""
