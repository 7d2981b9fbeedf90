"""The dealer portal's pages, one module each."""
