"""The manual is true: its commands run, its examples play, its words are the program's."""
