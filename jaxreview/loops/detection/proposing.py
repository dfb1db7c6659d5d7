"""Proposals of a region proposal network. As loops."""
