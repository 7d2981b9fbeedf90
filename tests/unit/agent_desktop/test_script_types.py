"""The pages' scripts are type-checked, as Python is: what is asked of the site comes back as it is used."""

from __future__ import annotations

from hotline.front_end import check_scripts


def test_the_scripts_of_the_pages_have_no_error_of_types() -> None:
    assert check_scripts() == ""
