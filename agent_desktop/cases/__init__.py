"""What the pages of cases share: acts, words, what is shown of a case."""
