"""Cases: what is open for a customer and until when."""
