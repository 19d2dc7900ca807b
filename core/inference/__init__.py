"""From photos and boxes to predictions in image pixels."""

import os

# Before torch is loaded: its threads spin while they wait for each other, and where others want
# the processor, too, that makes a prediction take five times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
