"""The search for causes: what would turn a changed column, or fallen performance, back into the baseline's."""
