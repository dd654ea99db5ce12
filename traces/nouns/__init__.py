"""What science is told in: hypothesis, registration, experiment, measurement, verdict, claim."""
