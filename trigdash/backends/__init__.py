"""What answers reads and performs actions."""
