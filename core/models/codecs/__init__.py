"""Codecs: one class each for how places become targets and a network's answer places."""
