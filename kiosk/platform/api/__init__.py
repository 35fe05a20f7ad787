"""The platform over HTTP: `app` puts the routes together, `context` is what they all work with. Nothing is imported here."""
