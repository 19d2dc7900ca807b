"""Tables, sessions and repositories. Imports core.data and core.errors only."""
