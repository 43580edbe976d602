"""Links by which others look at one session: making them, and what they open."""
