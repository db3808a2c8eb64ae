"""What openness means, in plain Python: no web server, no database, no clock, no network."""
