"""The shipped sources: one TOML file each; a source's id is its path."""
