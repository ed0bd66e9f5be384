"""What people look at: galleries of samples."""
