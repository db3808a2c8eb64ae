"""Records, mappings and entity views: what the catalogue knows, without a web server or a database."""
