"""A data set as it comes back from a file."""

import pytest
import xarray as xr

import vaesym


@pytest.fixture
def reread(tmp_path):
    """Return a data set as it is read again: the same, with a meaning and a unit for each variable."""
    def again(data, engine="scipy"):
        data.to_netcdf(tmp_path / "x.nc", engine=engine)
        back = xr.load_dataset(tmp_path / "x.nc", engine=engine)
        xr.testing.assert_identical(data, back)
        assert back.attrs["vaesym_version"] == vaesym.__version__
        assert all(variable.attrs["long_name"] and variable.attrs["units"] for variable in back.variables.values())
        return back

    return again
