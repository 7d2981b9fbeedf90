"""Care plans: which event leads to which contact, by whom and when, and why it will or will not happen."""
