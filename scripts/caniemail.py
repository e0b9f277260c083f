"""Update the email linter's client data: `npm pack caniemail`, then `python scripts/caniemail.py FILE.tgz`.

The package holds the data of caniemail.com. For each feature and each family of supported email clients, the script
keeps the worst support among the family's newest versions: `y` yes, `a` partial, `u` unknown, `n` no.
"""

import json
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[1] / "tests" / "mail" / "caniemail.json"
FAMILIES = {
    "Gmail": (("gmail", "desktop-webmail"), ("gmail", "ios"), ("gmail", "android")),
    "Outlook for Windows": (("outlook", "windows"),),
    "Outlook.com": (("outlook", "outlook-com"),),
    "Apple Mail": (("apple-mail", "macos"), ("apple-mail", "ios")),
}
"""The supported email clients: family and platform as named in the data."""


def main() -> int:
    """Write the data file from the package."""
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    with tarfile.open(sys.argv[1]) as package:
        version = json.loads(_member(package, "package/package.json"))["version"]
        known = json.loads(_member(package, "package/data/caniemail.json"))
    features = {
        feature["slug"]: _support(feature["stats"]) for feature in known["data"] if feature["category"] != "others"
    }
    head = {"source": f"caniemail.com by way of caniemail {version} of npm, MIT", "updated": known["last_update_date"]}
    rows = ",\n".join(f"  {json.dumps(slug)}: {json.dumps(support)}" for slug, support in sorted(features.items()))
    FILE.write_text(f'{json.dumps(head)[:-1]}, "features": {{\n{rows}\n}}}}\n', "utf-8")
    return 0


def _member(package: tarfile.TarFile, name: str) -> bytes:
    file = package.extractfile(name)
    assert file is not None
    return file.read()


def _support(stats: Mapping[str, Any]) -> dict[str, str]:
    """Support for the feature by family."""
    return {
        family: min((_newest(stats.get(name, {}).get(platform, {})) for name, platform in programs), key="nuay".index)
        for family, programs in FAMILIES.items()
    }


def _newest(versions: Mapping[str, str]) -> str:
    """The letter of the last version, without the notes that follow it in the data."""
    return list(versions.values())[-1][0] if versions else "u"


if __name__ == "__main__":
    sys.exit(main())
