"""Who does the works: the service, and what it is held against."""
