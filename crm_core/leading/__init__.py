"""Which of several telephony processes routes the calls: at most one, known by a number that only grows."""
