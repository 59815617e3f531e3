"""All words the product says, by medium; every function is pure."""
