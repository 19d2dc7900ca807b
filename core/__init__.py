"""What Halfseen knows: types, formats, networks, metrics. Needs no Streamlit and no database."""
