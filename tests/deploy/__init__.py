"""What stands in deploy/, held against the program."""
