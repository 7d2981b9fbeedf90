"""What the maker did in the media, where and when: the causes whose effect by region is measured (B-184)."""
