"""The nouns: frozen records and the rules about them that need no input or output."""
