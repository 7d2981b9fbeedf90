"""What the dealer portal's pages share."""
