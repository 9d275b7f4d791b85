"""What `taskq demo` shows itself on."""
