STAT_TESTS=("wasserstein","jensenshannon")
