"""What Fairlead can be asked to do: one file, one verb."""
