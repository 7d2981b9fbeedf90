"""The pages of lines to telephone companies: words, what is typed, what is pushed."""
