"""``mtser align``: word times for the audio files of a user."""
