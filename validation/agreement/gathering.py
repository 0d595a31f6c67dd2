"""All measurements of a report."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from validation.agreement import boundaries, curves, extras, measured_ends, replicons, trained
from validation.agreement.boundaries import BOUNDARIES
from validation.agreement.judging import Score
from validation.agreement.measured_ends import End
from validation.agreement.measurement import Comparison, compare
from validation.agreement.points import Point, chosen
from validation.agreement.presets import Preset
from validation.agreement.studies import Table, Workshop, exact_study


@dataclass(frozen=True)
class Measurements:
    """Points and tables of results.

    Attributes
    ----------
    preset, seed : of the report
    points, near : points away from transitions, and near one
    tables : results of each study by its name
    """

    preset: Preset
    seed: int
    points: list[Point]
    near: list[Point]
    tables: dict[str, Table]

    @cached_property
    def comparisons(self) -> list[Comparison]:
        """The exact minimiser away from transitions."""
        return compare(self.points, self.tables["exact"])

    @cached_property
    def near_comparisons(self) -> list[Comparison]:
        """The exact minimiser near transitions."""
        return compare(self.near, self.tables["exact-near"])

    @cached_property
    def trained_points(self) -> list[Point]:
        """The points of the trainings."""
        return trained.trained_points(self.preset)

    @cached_property
    def trained_ends(self) -> trained.Ends:
        """Where the trainings ended."""
        return trained.compare_ends(self.tables["trained"], self.tables["trained-exact"])

    @cached_property
    def converged_points(self) -> list[int]:
        """Points at which every training has converged and is at the global minimum."""
        ends, table = self.trained_ends, self.tables["trained"]
        good = ends.converged & ends.globally
        return [i for i in range(len(self.trained_points)) if good[table["point"] == i].all()]

    @cached_property
    def trained_comparisons(self) -> list[Comparison]:
        """The trainings at those points, one start on each data set."""
        table = self.tables["trained"]
        runs, first = len(table["trial"]), table["trial"] == 0
        first = {name: values[first] for name, values in table.items() if len(values) == runs}
        return [one for one in compare(self.trained_points, first, trained=True) if one.point in self.converged_points]

    @cached_property
    def ends(self) -> list[End]:
        """The measured boundaries."""
        spectra = boundaries.eigenvalues_of(self.tables["boundary-spectra"])
        tables = [self.tables["hysteresis" if boundary.first_order else "thresholds"] for boundary in BOUNDARIES]
        return [end for i, table in enumerate(tables) for end in measured_ends.ends(i, table, spectra)]

    @cached_property
    def replicon_scores(self) -> list[tuple[Score, float]]:
        """The measured replicons, each with its α."""
        return replicons.replicon_scores(self.tables["replicons"])

    @property
    def runs(self) -> dict[str, int]:
        """Number of runs of each study."""
        return {name: len(table["position"]) for name, table in self.tables.items()}


def gather(preset: Preset, seed: int, workshop: Workshop) -> Measurements:
    """Run all studies of a preset, or take from the store what is there."""
    smallest = preset.sizes[0]
    points, near = chosen(smallest, preset.points), chosen(smallest, preset.near_points, away=False)
    adam, exact = trained.trained_studies(preset, seed)
    studies = [
        exact_study(points, preset, seed), exact_study(near, preset, seed, "exact-near", 4),
        extras.large_data_study(preset, seed), extras.peak_study(preset, seed),
        *extras.spread_studies(preset, seed),
        *[extras.best_study(preset, seed, place) for place in range(len(preset.sizes))],
        replicons.replicon_study(preset, seed), extras.prescribed_study(seed), extras.learned_study(seed),
        extras.learned_spectra_study(seed),
        *curves.curve_studies(preset, seed), adam, exact,
        boundaries.boundary_study(preset, seed, False), boundaries.boundary_study(preset, seed, True),
        boundaries.eigenvalue_study(preset, seed),
    ]
    return Measurements(preset, seed, points, near, {study.name: workshop.run(study) for study in studies})


def merged_best(measurements: Measurements, group: int, member: int) -> dict[int, np.ndarray]:
    """Return ε of the study of the best β by size, for one weight decay and one β; rows are data sets."""
    found = {}
    for size in measurements.preset.sizes:
        table = measurements.tables[f"best-beta-{size}"]
        where = (table["group"] == group) & (table["member"] == member)
        found[size] = table["signal_recovery_error"][where][np.argsort(table["replicate"][where])]
    return found
