"""Data from elsewhere: read, checked, shown, taken over, and taken back."""
