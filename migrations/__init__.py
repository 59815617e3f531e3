"""Forward-only SQL, named for order; read by the store as package files."""
