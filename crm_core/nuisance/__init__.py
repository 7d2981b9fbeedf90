"""Numbers that agents mark as a nuisance: how sure we are, for how long, and who may say otherwise."""
