"""What follows exponentials: norms, deviations, divisions, nearby differences, choices."""
