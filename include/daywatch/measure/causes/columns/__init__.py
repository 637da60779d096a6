"""What explains the change of a column: another unit, other names, stand-ins, a part of the rows."""
