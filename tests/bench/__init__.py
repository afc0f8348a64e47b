"""What ``make bench`` measures: each part in a process of its own, as ratios against a baseline of the same run."""
