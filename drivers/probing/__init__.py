"""What is at the other end of a wire? Looks, and tells; nothing here can write, and nothing here is used while a site runs."""
