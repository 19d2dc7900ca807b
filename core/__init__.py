"""What Halfseen knows: types, formats, networks, metrics. Needs no Streamlit and no database."""

import os

# Before anything loads torch: its threads spin while they wait for each other, and where others
# want the processor, too, that makes a prediction take five times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
