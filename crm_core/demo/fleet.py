"""The models of the fictional brand 远辰, and how a vehicle gets its VIN and its plate."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", [*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)], strict=True))
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_YEARS = "ABCDEFGHJKLMNPRSTVWXY123456789"  # position 10 of the VIN, "A" = 2010


@dataclass(frozen=True, slots=True)
class Model:
    """`code` is five characters of the VIN. Warranty in years, service every so many days."""

    name: str
    energy: str
    code: str
    weight: int
    since: int
    warranty_years: int
    service_days: int


MODELS = (
    Model("远辰 E6 四驱", "electric", "EA6B1", 16, 2021, 8, 365),
    Model("远辰 E6 后驱", "electric", "EA6A1", 12, 2021, 8, 365),
    Model("远辰 E8 旗舰", "electric", "EB8A2", 6, 2023, 8, 365),
    Model("远辰 S5 2.0T", "petrol", "SB5D2", 20, 2018, 3, 182),
    Model("远辰 S5 1.5T", "petrol", "SB5C1", 14, 2018, 3, 182),
    Model("远辰 C7", "petrol", "CC7H1", 12, 2016, 3, 182),
    Model("远辰 X3", "petrol", "XA3B1", 10, 2019, 3, 182),
    Model("远辰 X3 插混", "hybrid", "XA3H2", 8, 2022, 6, 182),
    Model("远辰 V9 商务", "petrol", "VD9A1", 4, 2020, 3, 182),
)


def vin(model: Model, year: int, serial: int) -> str:
    """A 17-character VIN with a right check digit; the serial number makes it unique."""
    letter = _YEARS[(year - 2010) % len(_YEARS)]
    text = f"LYH{model.code}0{letter}0{serial:06d}"
    total = sum(
        (_VALUES.get(char) or int(char)) * weight for char, weight in zip(text, _WEIGHTS, strict=True) if char != "0"
    )
    return f"{text[:8]}{'X' if total % 11 == 10 else total % 11}{text[9:]}"


def plate(random: Random, city: str, energy: str) -> str:
    """A number plate without the dot: 吉AD30618 for new energy, 吉A7K28M otherwise."""
    if energy != "petrol":
        return f"{city}{'D' if energy == 'electric' else 'F'}{random.randrange(100000):05d}"
    # At most two letters, as on real plates; I and O do not exist there.
    signs = [str(random.randrange(10)) for _ in range(5)]
    for position in random.sample(range(5), random.choice((0, 1, 1, 2))):
        signs[position] = random.choice(_LETTERS)
    return city + "".join(signs)
