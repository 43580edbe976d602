"""Clients of prediction services: where scores come from. `base.py` has their interface."""
