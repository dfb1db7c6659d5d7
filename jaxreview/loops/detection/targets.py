"""Targets and loss of a region proposal network. As loops."""
