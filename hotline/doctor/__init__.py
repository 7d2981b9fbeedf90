"""`hotline doctor`: looks at every part of a site and says what to do about what is wrong."""
