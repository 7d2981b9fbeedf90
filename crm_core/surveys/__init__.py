"""Questions after the call: what is asked in which queue, and what customers answered."""
