"""What is compared of a frame."""

from __future__ import annotations

import pandas as pd
import pytest

from include.identity.linkage.settings import build_settings


@pytest.mark.parametrize("has_email", [True, False])
def test_build_settings__what_is_left_of_a_crowded_mailbox_is_not_compared(has_email: bool) -> None:
    names = [f"ann{n}" for n in range(9)]
    frame = pd.DataFrame({"unique_id": names, "last_name": names, "last_sound": names, "email_local": names})
    if has_email:
        frame["email"] = [f"{name}@mail.example" for name in names]
    compared = [made["output_column_name"] for made in build_settings(frame, [])["comparisons"]]
    assert compared == ["last_name", "email"][: 1 + has_email]
