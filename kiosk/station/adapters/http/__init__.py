"""The kiosk asks the platform over HTTP: the one client, and what it asks for. Nothing is imported here."""
