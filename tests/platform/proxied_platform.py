"""The platform itself, but its AMI link goes through the port that the test cuts: HOTLINE_TEST_AMI_PROXY."""

from __future__ import annotations

import asyncio
import os

from hotline.compose import serve
from hotline.settings import Settings

if __name__ == "__main__":
    asyncio.run(serve(Settings().model_copy(update={"ami_port": int(os.environ["HOTLINE_TEST_AMI_PROXY"])})))
