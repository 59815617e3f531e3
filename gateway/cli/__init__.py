"""The command line: what may be typed, and each command's part of the work."""
