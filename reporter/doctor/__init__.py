"""What a run needs, looked at one by one before there is a run; the command that prints it is `doctor`."""
