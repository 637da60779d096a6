"""Names and folders of the synthetic model's captures, for Daywatch and the peers; imports no library."""

ENDPOINT = "bench"
GROUND_TRUTH = "bench-ground-truth"
NUMBERS = [f"n{number:02}" for number in range(20)]
CATEGORIES = [f"c{number}" for number in range(6)]
WORDS = ["aa", "bb", "cc", "dd", "ee"]
