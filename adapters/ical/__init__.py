"""iCalendar (RFC 5545): text to events and events to text; who they mean is not decided here."""
