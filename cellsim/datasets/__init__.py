"""Samples on disk: a versioned Zarr data set, written by whole shards, read by anyone."""
