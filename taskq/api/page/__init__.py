"""The page: one HTML file, one ES module, one style sheet, as they are sent."""
