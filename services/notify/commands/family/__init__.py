"""What a family does by itself: opens its page by a code, writes, chooses, says stop, complains."""
