"""The fire drill: known faults in copies of a day, to see what the plan finds and what it blames."""
