"""What the pages of customers share: forms, words, what is shown of a customer."""
