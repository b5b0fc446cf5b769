"""What runs programs and users never touch: boot, import hooks, units, the event loop, values."""
