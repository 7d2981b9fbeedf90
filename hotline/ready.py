"""`python -m hotline.ready`: exit status 0 while people can work; what a container's health check asks."""

from __future__ import annotations

import sys
import urllib.error
import urllib.request

from hotline.settings import Settings

SECONDS = 4


def main() -> int:
    address = f"{Settings().web_address}/readyz"
    try:
        with urllib.request.urlopen(address, timeout=SECONDS) as answer:  # noqa: S310 - the site's own address
            print(answer.read().decode())
    except urllib.error.HTTPError as away:
        print(away.read().decode(), file=sys.stderr)
        return 1
    except OSError as nobody:
        print(f"Nobody answers at {address}: {nobody}. Look at platform.log in the run folder.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
