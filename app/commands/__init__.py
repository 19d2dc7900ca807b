"""The command line, split by noun. Every verb calls one workflow function and says what it did."""
