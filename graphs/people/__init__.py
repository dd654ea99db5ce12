"""People in the loop: what they are asked, what they hand in, what they consent to."""
