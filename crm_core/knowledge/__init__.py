"""What the centre knows: articles in two languages with their versions, found by word, suggested beside a call."""
