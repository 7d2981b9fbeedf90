"""The pages of administrators, one module each."""
