"""From bytes to commands and back: file layouts, readers, writers, and the words of every failure. Pure."""
