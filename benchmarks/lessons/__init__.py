"""Messages to learn from, by purposes, and what teaches the encoder by them."""
