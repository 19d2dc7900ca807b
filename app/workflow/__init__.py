"""One file per verb of the story. No Streamlit; the only place where db and core meet."""
