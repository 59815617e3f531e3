"""A stand-in for the carrier: Twilio's REST API, callbacks, TwiML and the people with phones."""
