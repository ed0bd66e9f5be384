"""The recipes that come with cellsim."""
