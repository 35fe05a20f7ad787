"""What both ends are made of: the MQTT session, the SQL engine, clock and ids. It knows neither end."""
