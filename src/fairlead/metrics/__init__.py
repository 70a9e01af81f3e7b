"""The arithmetic: one file per metric, pure functions over narrow values."""
