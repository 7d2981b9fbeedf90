"""The lines to the outside: trunks, published numbers, how and how much is dialled out."""
