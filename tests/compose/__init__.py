"""The real docker-compose.yml under a Docker engine: it comes up, works, and loses nothing whatever is killed."""
