"""The program: what the pages are made of, the workflows and the command line."""
