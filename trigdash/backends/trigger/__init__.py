"""The Trigger.dev REST API."""

from trigdash.model.capability import Reach
from trigdash.model.run_filter import ANY

REACH = Reach(period="7d")
"""Recorded: without a time window the server looks back seven days, and does not say so."""

SUPPORTED_FILTERS = ANY
