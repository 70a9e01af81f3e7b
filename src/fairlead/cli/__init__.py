"""Commands for whoever runs a server: one file for each group. Only words and processes; no rules."""
