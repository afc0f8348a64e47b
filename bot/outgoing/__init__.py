"""Mail that the team sends: who gets it, what it says, what to be careful about."""
