"""One customer's request that sound, texts and notes go: what goes, what stays and why, two people, and the proof."""
