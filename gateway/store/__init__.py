"""The store remembers: the only place that speaks SQL."""
