"""The kiosk asks the platform over HTTP: `client` is the one that does, the others know paths and documents. Nothing is imported here."""
