"""One training for all β: what a user's own network does at each, with the linear theory beside it."""

from vaesym.practice.scan.result import Measures, Point, Scan
from vaesym.practice.scan.scan import scan

__all__ = ["Measures", "Point", "Scan", "scan"]
