"""Wallboards as records: what each shows, and the screens that may show it without a person's sign-in."""
