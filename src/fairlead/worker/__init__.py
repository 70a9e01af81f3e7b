"""What happens without a request: the clock is its sender."""
