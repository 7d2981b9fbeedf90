"""What was said in recorded talks: text with times, search by words, words that somebody must hear of."""
