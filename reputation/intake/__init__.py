"""Messages by SMS and e-mail: what they say, and what becomes of them."""
