"""What the pages of questionnaires share: words, the designer's view, figures as shapes."""
