"""The main job on a small ministry that Tocsin serves itself on loopback."""
