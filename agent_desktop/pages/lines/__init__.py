"""The pages of lines, one module each."""
