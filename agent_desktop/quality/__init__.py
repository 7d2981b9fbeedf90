"""The pages of quality: the scoring panel, the inbox, forms, sampling, calibration, trends, coaching, the library."""
