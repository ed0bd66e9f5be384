"""Recipes from real data: estimate the parameters of a model, and say how close its samples come."""

from cellsim.fitting.fit import Fitted as Fitted
from cellsim.fitting.fit import fit_recipe as fit_recipe
