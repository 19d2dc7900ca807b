"""Networks, their codecs and the catalogue that builds them by name. No training code."""
