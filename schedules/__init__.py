"""Who is on call when: pure functions from schedules and an instant to ordered people."""
