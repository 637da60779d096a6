"""The causes of a verdict: what each bad outcome means, and what follows from what."""
