"""Build the typefaces from their published packages: `python scripts/fonts.py [name …]`.

Each weight is one complete static TrueType file, so that the glyphs of a word come from one font. Inter is unchanged;
the others are subset without Inter's characters and without hints, which print does not use. Builds are reproducible.
Needs npm and a network; run `scripts/font_coverage.py` afterwards to update the tables of characters.
"""

import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from fontTools import subset
from fontTools.ttLib import TTFont, woff2

ROOT = Path(__file__).parents[1]
BUNDLED = ROOT / "reporter" / "rendering" / "fonts"
EXTRA = ROOT / "packages" / "hyperrep-report-cjk" / "hyperrep_report_cjk" / "fonts"

STYLES = {400: "Regular", 600: "SemiBold"}
NEUTRAL = frozenset({0x20, 0xA0, 0x200C, 0x200D, 0x25CC})
"""Characters that shaping needs in every font: spaces, joiners, and the dotted circle for lone marks."""
KEYS = frozenset(map(ord, "#*0123456789"))
"""Characters that emoji fonts include for keycaps, and that must not come from them in numbers."""
EAST_ASIAN_FEATURES = ("ccmp", "kern", "liga", "ljmo", "locl", "mark", "mkmk", "tjmo", "vjmo")
"""Layout features to keep, without historical and vertical forms, which double the number of glyphs."""
USELESS = ("BASE", "DSIG", "gasp", "STAT", "VORG", "vhea", "vmtx")


def two_bytes(encoding: str, leads: range = range(0x81, 0xFF)) -> set[int]:
    """The code points that an East Asian encoding encodes in two bytes."""
    decoded = (bytes(pair).decode(encoding, "ignore") for pair in product(leads, range(0x40, 0xFF)))
    return {ord(text) for text in decoded if len(text) == 1 and text > "\x7f"}


def japanese() -> set[int]:
    """JIS X 0208, both levels."""
    return two_bytes("euc_jp")


def simplified() -> set[int]:
    """GB 2312, and the common characters of Taiwan and Hong Kong (Big5 level 1) that the Japanese font lacks."""
    return two_bytes("gb2312") | (two_bytes("big5", range(0xA4, 0xC7)) - japanese())


def korean() -> set[int]:
    """All modern Hangul syllables, and the symbols of KS X 1001; the other fonts have the Chinese characters."""
    chinese = {*range(0x4E00, 0xA000), *range(0xF900, 0xFB00)}
    return (two_bytes("euc_kr") - chinese) | set(range(0xAC00, 0xD7A4))


@dataclass(frozen=True, slots=True)
class Typeface:
    """A typeface's package, the paths in it, and the characters to keep (all without `kept`)."""

    name: str
    package: str
    digest: str
    path: str
    licence: str = "LICENSE_FONT"
    weights: tuple[int, ...] = (400, 600)
    kept: Callable[[], set[int]] | None = None
    features: tuple[str, ...] = ("*",)
    folder: Path = BUNDLED


INTER = Typeface(
    "inter",
    "inter-ui@4.1.1",
    "e392e4d71f18a7c1f23dfecd833d68fa05eeab41862686584e80fd2b5d87e9c0",
    "web/Inter-{style}.woff2",
    "LICENSE.txt",
)
TYPEFACES = (
    INTER,
    Typeface(
        "vazirmatn",
        "@expo-google-fonts/vazirmatn@0.4.1",
        "af22b2898f1e7fad4398cde6856f0e83f79393862b9b3811f71b114abb3742a3",
        "{weight}{style}/Vazirmatn_{weight}{style}.ttf",
    ),
    Typeface(
        "noto-sans-hebrew",
        "@expo-google-fonts/noto-sans-hebrew@0.4.1",
        "f82f8e852e3355521c511f2762a0130216d208d108bf4739aa977eb6a6d3012c",
        "{weight}{style}/NotoSansHebrew_{weight}{style}.ttf",
    ),
    Typeface(
        "noto-sans-devanagari",
        "@expo-google-fonts/noto-sans-devanagari@0.4.1",
        "fb9a4c288af3829f383d945fcec350c8cdf99abf18ffe55c987c495bca42e80e",
        "{weight}{style}/NotoSansDevanagari_{weight}{style}.ttf",
    ),
    Typeface(
        "noto-emoji",
        "@expo-google-fonts/noto-emoji@0.4.7",
        "6a25fd5a4da5bb34bbc2d300531bbf32de86afd866e119314d7e358f61a6104d",
        "{weight}{style}/NotoEmoji_{weight}{style}.ttf",
        weights=(400,),
    ),
    Typeface(
        "noto-sans-sc",
        "@expo-google-fonts/noto-sans-sc@0.4.3",
        "0d69d0f4971d2ff574e3d93cbc218dc950bf3f3f8f8e2c008d97687ed53aee59",
        "{weight}{style}/NotoSansSC_{weight}{style}.ttf",
        kept=simplified,
        features=EAST_ASIAN_FEATURES,
        folder=EXTRA,
    ),
    Typeface(
        "noto-sans-jp",
        "@expo-google-fonts/noto-sans-jp@0.4.3",
        "563ee80509692e2b2f42ceae6a0b82afecb90daa1b3d025bcebdf3d9120f43a3",
        "{weight}{style}/NotoSansJP_{weight}{style}.ttf",
        kept=japanese,
        features=EAST_ASIAN_FEATURES,
        folder=EXTRA,
    ),
    Typeface(
        "noto-sans-kr",
        "@expo-google-fonts/noto-sans-kr@0.4.3",
        "7614af529705ea48e8b76cb3b056b92db66b7625ef3fc97ce76366063df94d3f",
        "{weight}{style}/NotoSansKR_{weight}{style}.ttf",
        kept=korean,
        features=EAST_ASIAN_FEATURES,
        folder=EXTRA,
    ),
)


def main(names: list[str]) -> None:
    """Write the fonts and licenses of the named typefaces, or of all without names."""
    for typeface in TYPEFACES:
        if not names or typeface.name in names:
            for file, content in built(typeface):
                (typeface.folder / file).write_bytes(content)
                print(f"{len(content):>9,}  {file}")


def built(typeface: Typeface) -> Iterator[tuple[str, bytes]]:
    """The files of a typeface by name: each weight, and the license."""
    with TemporaryDirectory() as folder:
        package = fetched(typeface, Path(folder))
        for weight in typeface.weights:
            path = typeface.path.format(weight=weight, style=STYLES[weight])
            yield f"{typeface.name}-{weight}.ttf", font(typeface, member(package, path))
        yield f"{typeface.name}-OFL.txt", member(package, typeface.licence)


def fetched(typeface: Typeface, folder: Path) -> Path:
    """Download the package with npm. Raises ValueError if it is not the expected one."""
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), typeface.package]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    package = next(folder.glob("*.tgz"))
    if sha256(package.read_bytes()).hexdigest() != typeface.digest:
        raise ValueError(f"{typeface.package} is not the package that was examined")
    return package


def member(package: Path, path: str) -> bytes:
    """One file of a package."""
    with tarfile.open(package) as archive:
        file = archive.extractfile(f"package/{path}")
        assert file is not None
        return file.read()


def font(typeface: Typeface, source: bytes) -> bytes:
    """The TrueType file, subset to the kept characters."""
    file = BytesIO()
    if typeface is INTER:
        woff2.decompress(BytesIO(source), file)
        return file.getvalue()
    opened = TTFont(BytesIO(source), recalcTimestamp=False)
    subsetter = subset.Subsetter(_options(typeface))
    subsetter.populate(unicodes=_kept(typeface, set(opened.getBestCmap())))
    subsetter.subset(opened)
    opened.save(file)
    return file.getvalue()


def _kept(typeface: Typeface, drawn: set[int]) -> set[int]:
    """The code points to keep: none that Inter has, except the neutral ones; for the emoji font, all but `KEYS`."""
    if typeface.name == "noto-emoji":
        return drawn - KEYS
    wanted = drawn & typeface.kept() if typeface.kept else drawn
    with TTFont(BUNDLED / "inter-400.ttf", lazy=True) as inter:
        return (wanted - set(inter.getBestCmap())) | (drawn & NEUTRAL)


def _options(typeface: Typeface) -> subset.Options:
    options = subset.Options()
    options.layout_features = list(typeface.features)
    options.drop_tables += USELESS
    options.hinting = False
    options.glyph_names = False
    options.notdef_outline = True
    options.name_IDs = ["*"]
    return options


if __name__ == "__main__":
    main(sys.argv[1:])
