"""The operations of `ivr.operations` on the real records: one file for each group of wishes."""
