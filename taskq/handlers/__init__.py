"""The task types that come with taskq; each a recipe that reads like the document."""
