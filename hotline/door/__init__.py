"""The door of `hotline serve`: one port with TLS for pages and browser phones, in a process of its own."""
