"""What follows the cure of exponentials: norms, deviations, divisions, nearby differences, choices."""
