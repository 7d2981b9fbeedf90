"""The report pages: one frame, and for each report what it shows. How to add one: docs/reports.md."""
