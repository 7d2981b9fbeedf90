"""Quality of talks: forms, reviews and their answers, which talks are drawn, agreement, trends, coaching, excerpts."""
