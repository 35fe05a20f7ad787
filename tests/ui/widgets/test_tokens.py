"""The tokens: contrast of every pair that is used, sizes on the glass."""

import pytest

from kiosk.domain.panel import Screen, diagonal_inches
from tests.ui.faults import SCREENS
from ui.widgets.tokens import REFERENCE_MM, TARGET_MM, TYPE_MM, Tokens, colours

WORDS = {  # words of the first role on a ground of the others: 7:1
    "text": ("ground", "surface", "sunken", "accent_soft", "ok_soft", "attention_soft", "stop_soft"),
    "muted": ("ground", "surface", "sunken", "accent_soft"),
    "accent": ("surface", "accent_soft"),
    "on_accent": ("accent", "accent_pressed"),
    "ok": ("surface", "ok_soft"),
    "attention": ("surface", "attention_soft"),
    "stop": ("surface", "stop_soft"),
    "on_signal": ("ok", "attention", "stop"),
    "on_idle": ("idle",),
    "ink": ("paper",),
}
EDGES = {  # lines and bars of the first role beside the others: 3:1
    "edge": ("ground", "surface", "sunken"),
    "accent": ("sunken", "ground", "accent_soft"),
    "ok": ("ground", "ok_soft"),
    "attention": ("ground", "attention_soft"),
    "stop": ("ground", "stop_soft"),
}
LOOKS = ("light", "dark", "light training", "dark training")


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(("pairs", "floor"), [(WORDS, 7.0), (EDGES, 3.0)], ids=["words", "edges"])
def test_every_pair_of_colours_keeps_its_contrast(look: str, pairs: dict[str, tuple[str, ...]], floor: float) -> None:
    palette = colours(look.split()[0], training="training" in look)
    measured = {(top, below): contrast(palette[top], palette[below]) for top, grounds in pairs.items() for below in grounds}
    assert {pair: ratio for pair, ratio in measured.items() if ratio < floor} == {}


def test_the_contrast_formula_gives_what_the_standard_gives() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_training_never_shares_its_accent_with_the_real_counter() -> None:
    for look in ("light", "dark"):
        assert colours(look)["accent"] != colours(look, training=True)["accent"]


@pytest.mark.parametrize(
    ("name", "types", "targets"),
    [
        ("1024x768", [15, 18, 22, 29, 42, 67], [84, 60, 52]),
        ("1280x800", [18, 21, 26, 35, 49, 79], [100, 72, 60]),
        ("1920x1080", [25, 29, 35, 47, 67, 107], [112, 80, 68]),
    ],
)
def test_type_and_targets_have_the_sizes_of_the_design(name: str, types: list[int], targets: list[int]) -> None:
    tokens = Tokens(SCREENS[name])
    assert [tokens.type_px(role) for role in TYPE_MM] == types
    assert [tokens.target(target) for target in TARGET_MM] == targets


@pytest.mark.parametrize("name", SCREENS)
def test_targets_and_the_gaps_between_them_are_real_millimetres(name: str) -> None:
    tokens = Tokens(SCREENS[name])
    per_mm = SCREENS[name].px_per_mm
    assert tokens.target("least") >= 12 * per_mm
    assert tokens.target("primary") >= 20 * per_mm - 1
    assert tokens.between() >= 1.6 * per_mm


def large_enough(screen: Screen) -> bool:
    """Whether it has the room that the pages are drawn for."""
    return all(size >= drawn - 1 for size, drawn in zip(screen.size_mm, REFERENCE_MM, strict=True))


def test_on_a_panel_below_the_design_targets_shrink_but_never_under_12_mm() -> None:
    small = Screen(width=1280, height=800, inches=10.1)
    assert not large_enough(small)
    assert Tokens(small).target("primary") < 20 * small.px_per_mm
    assert Tokens(small).target("least") >= 12 * small.px_per_mm - 1


def test_the_screens_of_the_design_are_large_enough() -> None:
    assert all(large_enough(screen) for screen in SCREENS.values())


def test_a_set_diagonal_beats_what_the_screen_reports() -> None:
    assert diagonal_inches(1280, 800, setting=10.1, reported_mm=(261, 163)) == 10.1


def test_a_screen_is_believed_between_60_and_300_dpi_only() -> None:
    assert diagonal_inches(1280, 800, reported_mm=(261.0, 163.0)) == pytest.approx(12.1, abs=0.05)
    assert diagonal_inches(1280, 800, reported_mm=(1600.0, 900.0)) == 12.1
    assert diagonal_inches(1920, 1080, reported_mm=(0.0, 0.0)) == 15.6
    assert diagonal_inches(1024, 768) == 12.1


def test_an_unknown_role_is_an_error() -> None:
    with pytest.raises(KeyError):
        Tokens(SCREENS["1280x800"]).type_px("tiny")
    with pytest.raises(KeyError):
        colours("sepia")
