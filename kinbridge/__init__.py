"""The whole of Kinbridge on one machine: the command line, and the three services in one process."""
