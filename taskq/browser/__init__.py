"""A Chromium: found, launched once, one fresh context per task, watched where it pays."""
