"""What Ringscore is measured against, one command each."""
