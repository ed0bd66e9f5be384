"""Physical renderers: labels -> image without learning."""
