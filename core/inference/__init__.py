"""From photos and boxes to predictions in image pixels."""
