"""The program, as the runtime starts and ends it: its scripts, its actors for Elixir, its units."""
