"""Parts that speak to the outside: carriers, mail, alerts, and the simulated carrier."""
