"""Work for a later time, kept in the database with the rows it belongs to."""
