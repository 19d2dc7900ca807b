"""Widgets, charts and the keypoint editor component that pages are composed of."""
