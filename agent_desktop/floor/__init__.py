"""The leader's floor: whom one sees, what is read, how it is drawn and pushed."""
