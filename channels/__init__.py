"""Talk to the outside: one folder per service, all of one shape."""
