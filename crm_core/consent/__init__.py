"""What a customer allows, and the one gate that everything outbound passes."""
