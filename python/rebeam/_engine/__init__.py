"""What the topics stand on and users never see: import hooks, the event loop, parts of values."""
