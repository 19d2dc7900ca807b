"""Codecs: how places become targets and how a network's answer becomes places, in one class each."""
