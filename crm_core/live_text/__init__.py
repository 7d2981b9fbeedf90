"""Whether talks become text while they go on: for the whole site, and for each queue."""
