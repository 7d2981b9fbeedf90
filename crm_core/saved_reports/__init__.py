"""Reports that somebody keeps under a name, and those of them that go out by mail at their time."""
