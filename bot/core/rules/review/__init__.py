"""What is allowed in rules, but hardly meant."""
