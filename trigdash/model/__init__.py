"""What an API can give, as frozen values."""
