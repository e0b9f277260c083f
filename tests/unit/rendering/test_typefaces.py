"""The fonts: each is bundled once, every language has its order, and they draw all text that passes `clean`."""

import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from fontTools.ttLib import TTFont
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporter.rendering.pdf import load_renderer, renderer
from reporter.rendering.text import clean
from reporter.rendering.typefaces import EMOJI, FAMILY, drawn, files, folders, stack
from tests.unit.rendering.test_pdf import STYLE, digest_elsewhere, fonts, page

SAMPLES = {
    "ar": ("العمل معدل الاستجابة ٢٢٪", "Vazirmatn"),
    "he": ("שיעור תגובה שָׁלוֹם", "Noto-Sans-Hebrew"),
    "hi": ("बिक्री दर १२३", "Noto-Sans-Devanagari"),
    "ja": ("東京リフォーム「直」", "Noto-Sans-JP"),
    "zh": ("转化率 直接", "Noto-Sans-SC"),
    "ko": ("응답률 한국어 뷁", "Noto-Sans-KR"),
    "en": ("🔥 👩\u200d🔧 ✔", "Noto-Emoji"),
}
"""Words of a language, and the font that draws them."""
SPANS = [tuple(int(code, 16) for code in span.split("-")) for span in drawn().split()]
HARD = "\u200c\u200d\ufe0f\ufe0e\u20e3\u0301\u05bc\u064b\u093c\u094d\u0915\u0930\u0627\u0644\u05d0🔥🏻🇩❤ 1#"
"""Letters, combining marks, and joiners of every script."""
ANYTHING = st.sampled_from(SPANS).flatmap(lambda span: st.integers(*span)).map(chr) | st.sampled_from(HARD)


def test_each_weight_of_a_family_is_one_file() -> None:
    """No two files have the same weight and family, which would silently mix up their glyphs."""
    faces = Counter(face(path) for folder in folders() for path in folder.glob("*.ttf"))
    assert set(faces.values()) == {1}
    assert {family for family, _ in faces} == {family.removeprefix("HR ") for family in stack("en")}
    assert all(set(files(family)) == ({400} if family == EMOJI else {400, 600}) for family in stack("en"))


def face(path: Path) -> tuple[str, int]:
    """The family and weight in a font file, which match its name; embedding must be permitted."""
    with TTFont(path, lazy=True) as font:
        family = font["name"].getDebugName(16) or font["name"].getDebugName(1)
        weight = font["OS/2"].usWeightClass
        assert path.name == f"{family.lower().replace(' ', '-')}-{weight}.ttf"
        assert font["OS/2"].fsType == 0
        assert "fvar" not in font
    return family, weight


def test_each_language_asks_its_own_typeface_first() -> None:
    """Inter is first, followed by the font with the language's own Chinese characters; emoji are last."""
    firsts = [stack(language)[:2] for language in ("ja", "zh", "ko")]
    assert firsts == [(FAMILY, f"HR Noto Sans {script}") for script in ("JP", "SC", "KR")]
    assert {(each[0], each[-1], len(each)) for each in map(stack, ("en", "ar", "ja", "zh", "ko"))} == {
        (FAMILY, EMOJI, 8)
    }


@pytest.mark.parametrize("language", SAMPLES)
def test_every_script_is_drawn_by_its_typeface(language: str, tmp_path: Path) -> None:
    """Both weights are embedded with their letters, digits beside them are from Inter, and the text can be copied."""
    text, family = SAMPLES[language]
    html = page(f"<p>{text} 0123456789 <b>{text}</b>").replace("lang=en", f"lang={language}")
    pdf = renderer().render(html, STYLE, language=language)
    assert pdf == load_renderer().render(html, STYLE, language=language)
    rows = fonts(pdf, tmp_path)
    names = {row[0].split("+")[1] for row in rows}
    assert {f"HR-{family}", "HR-Inter"} <= names
    assert names <= {"HR-Inter", "HR-Inter-Semi-Bold", f"HR-{family}", f"HR-{family}-Semi-Bold"}
    assert all(row[1:7] == ["CID", "TrueType", "Identity-H", "yes", "yes", "yes"] for row in rows)
    read = subprocess.run(["pdftotext", str(tmp_path / "page.pdf"), "-"], check=True, capture_output=True, text=True)
    assert "0123456789" in read.stdout
    wanted, found = Counter(text.replace(" ", "")), Counter(read.stdout)
    assert (wanted & found).total() >= 0.95 * wanted.total()


def test_a_languages_own_form_of_a_character_is_drawn(tmp_path: Path) -> None:
    """A character that differs between Chinese and Japanese is drawn in the form of the document's language."""
    drawn_by = {}
    for language in ("ja", "zh", "en"):
        rows = fonts(renderer().render(page("<p>直「a」"), STYLE, language=language), tmp_path)
        drawn_by[language] = sorted(row[0].split("+")[1] for row in rows)
    assert drawn_by == {
        "ja": ["HR-Inter", "HR-Noto-Sans-JP"],
        "zh": ["HR-Inter", "HR-Noto-Sans-SC"],
        "en": ["HR-Inter", "HR-Noto-Sans-SC"],
    }


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(ANYTHING, min_size=1, max_size=12), min_size=20, max_size=40))
def test_what_passes_is_drawn(names: list[str]) -> None:
    """Names of any supported characters, in any combination, never cause a renderer warning."""
    lines = [escape(clean(name)) for name in names]
    renderer().render(page("".join(f"<p>{line} <b dir=rtl>{line}</b>" for line in lines)), STYLE)


def test_digits_are_never_emojis() -> None:
    """The emoji font, which has keycap characters, does not draw digits here."""
    with TTFont(files(EMOJI)[400], lazy=True) as font:
        assert not set(map(ord, "#*0123456789")) & set(font.getBestCmap())


def test_another_environment_gives_the_same_bytes() -> None:
    """The machine's preferred languages do not affect the choice of fonts."""
    made = {digest_elsewhere({"LANGUAGE": spoken, "LC_ALL": "C.UTF-8"}, "<p>直 ㊗ 🔥") for spoken in ("ja:en", "ko")}
    assert len(made) == 1


@pytest.mark.parametrize(("locale", "language"), [("ja_JP", "Japanese"), ("zh_CN", "Chinese"), ("ko_KR", "Korean")])
def test_without_the_extra_a_sentence_says_what_to_install(locale: str, language: str) -> None:
    """A report in a language whose fonts are not installed is refused with the command to install them."""
    program = (
        "import sys; sys.modules['hyperrep_report_cjk'] = None\n"
        "from reporter.rendering.text import clean; from reporter.rendering.translation import parse_locale\n"
        "from reporter.domain.errors import UsageError\n"
        "print(clean('東京 Reform'))\n"
        f"try: parse_locale('{locale}')\nexcept UsageError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    name, sentence = done.stdout.splitlines()
    assert name == "?? Reform"
    assert language in sentence
    assert "pip install --no-deps ./packages/hyperrep-report-cjk" in sentence
