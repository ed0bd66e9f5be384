"""Studies: what synthetic samples are good for, measured from data set to score."""
