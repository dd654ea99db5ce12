"""Many runs of one question: sweeps on all processors, and the control arms."""
