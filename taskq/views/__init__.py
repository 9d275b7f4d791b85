"""A task, a queue, a change, as somebody sees it. Draws; never reads a store."""
