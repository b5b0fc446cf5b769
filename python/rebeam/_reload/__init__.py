"""Loads a module of the user's again, and changes what it defined in place (rebeam._code)."""
