"""Configuration: file, environment and flags become one frozen value, or a list of every problem."""
