"""Measures of annotated images: the forms of objects, where they stand, how bright they are. Pure functions."""
