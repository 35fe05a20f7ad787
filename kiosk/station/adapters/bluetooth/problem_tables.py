"""What the problem code of each family of BMS means: faults, states that are no fault, and what nobody has written down. Pure.

A table stands here only where a public source says what the bits mean; the source is named beside it. Bits are counted from 0, the lowest,
of the code as `library_gaps.unmasked` hands it over. The rules of every table:

- Full and empty are states: over- and undervoltage of a cell or of the pack, a state of charge too high or too low, at any level.
- A protection or a failure is a fault. A mere warning that comes before a protection is a state: it is shown and bars nothing.
- The charge switch bars nothing, and what says that it is off is left out. The discharge switch is read on its own (`output_on`).
- A bit without a known meaning bars nothing either: it is shown as a code, and the attendant decides. So is the whole code of a family
  that has no table.
"""

from collections.abc import Mapping

from kiosk.domain.battery.battery import EMPTY, FULL, SENSOR_BROKEN
from kiosk.station.adapters.bluetooth import problem_words as say
from kiosk.station.adapters.bluetooth.problem_bits import Bits, Codes, Meaning

MAX_CODE_BITS = 128


def _from(first: int, words: Mapping[int, str]) -> dict[int, str]:
    return {first + bit: each for bit, each in words.items()}


# The register map in FurTrader/OverkillSolarBMS (bits 0 to 12) and syssi/esphome-jbd-bms, jbd_bms_ble (bit 13). The software lock is set by
# whichever switch was switched off in the app, the charge switch too: the discharge switch has its own bit elsewhere.
_JBD = Bits(
    full=(0, 2),
    empty=(1, 3),
    faults={
        4: say.CHARGE_HOT,
        5: say.CHARGE_COLD,
        6: say.DISCHARGE_HOT,
        7: say.DISCHARGE_COLD,
        8: say.CHARGE_CURRENT,
        9: say.DISCHARGE_CURRENT,
        10: say.SHORT,
        11: say.CHIP,
    },
    states={12: say.LOCKED, 13: say.CHARGED_LONG},
)

# syssi/esphome-jk-bms, jk_bms_ble, the bits of JK02 (24 cells: bits 0 to 15, 32 cells: all); its issue 1033 for full and empty. Bit 3 was
# called a fault of the current sensor once and has no meaning there now.
_JK = Bits(
    full=(4, 5),
    empty=(11, 12),
    faults={
        0: say.CELL_WIRE,
        1: say.SWITCH_HOT,
        2: say.CELL_COUNT,
        6: say.CHARGE_CURRENT,
        7: say.SHORT,
        8: say.CHARGE_HOT,
        9: say.CHARGE_COLD,
        10: say.INNER_LINK,
        13: say.DISCHARGE_CURRENT,
        14: say.SHORT,
        15: say.DISCHARGE_HOT,
        16: say.CHARGE_SWITCH,
        17: say.DISCHARGE_SWITCH,
        20: say.STUCK,
        21: say.HOT,
        22: SENSOR_BROKEN,
        23: say.MODULE,
        24: say.SHORT_STAYS,
        25: say.DISCHARGE_CURRENT,
        26: say.DISCHARGE_CURRENT,
        27: say.DISCHARGE_COLD,
    },
    states={18: say.NO_GPS, 19: say.PASSWORD, 28: say.REMOTE},
)

# syssi/esphome-ant-bms, ant_bms_ble: the status of the charge switch and of the discharge switch, one code each.
_ANT_CHARGE: Mapping[int, str | None] = {
    **dict.fromkeys((0x00, 0x01, 0x0E, 0x0F)),  # off, on, waits, switched off by hand
    **dict.fromkeys((0x02, 0x04, 0x05, 0x10), FULL),
    0x03: say.CHARGE_CURRENT,
    0x06: say.HOT,
    0x07: say.SWITCH_HOT,
    0x08: say.CURRENT,
    0x09: say.CELL_WIRE,
    0x0A: say.BOARD_HOT,
    0x0C: say.CHARGE_SWITCH,
    0x0D: say.DISCHARGE_SWITCH,
    0x11: say.CHARGE_COLD,
    0x12: say.UNEQUAL,
    0x14: say.SELF_TEST,
}
_ANT_DISCHARGE: Mapping[int, str | None] = {
    **dict.fromkeys((0x00, 0x01, 0x0B, 0x0F)),  # off, on, on by the charge switch, switched off by hand
    **dict.fromkeys((0x02, 0x05, 0x10), EMPTY),
    0x03: say.DISCHARGE_CURRENT,
    0x04: say.DISCHARGE_CURRENT,
    0x06: say.HOT,
    0x07: say.SWITCH_HOT,
    0x08: say.CURRENT,
    0x09: say.CELL_WIRE,
    0x0A: say.BOARD_HOT,
    0x0C: say.SHORT,
    0x0D: say.DISCHARGE_SWITCH,
    0x0E: say.STUCK,
    0x11: say.DISCHARGE_COLD,
    0x12: say.UNEQUAL,
    0x13: say.SELF_TEST,
}
_ANT = Codes(bytes_of=(_ANT_CHARGE, _ANT_DISCHARGE))

# syssi/esphome-ant-bms, ant_bms_old_ble: the same, but the codes that came later are not known to the older packs.
_ANT_OLD = Codes(
    bytes_of=(
        {code: words for code, words in _ANT_CHARGE.items() if code < 0x10 and code not in {0x0C, 0x0E}},
        {code: words for code, words in _ANT_DISCHARGE.items() if code < 0x10 and code != 0x04},
    )
)

# syssi/esphome-daly-bms, daly_bms_ble: registers 0x3A (the highest 16 bits) to 0x3D of the protocol 0xD2. Level 1 warns, level 2 protects.
_DALY = Bits(
    full=(36, 37, 48, 49, 52, 53),
    empty=(38, 39, 50, 51, 54, 55),
    faults={
        18: say.SWITCH_SENSOR,
        19: say.SWITCH_SENSOR,
        20: say.CHARGE_SWITCH,
        21: say.DISCHARGE_SWITCH,
        22: say.CHARGE_SWITCH,
        23: say.DISCHARGE_SWITCH,
        24: say.CHIP,
        25: say.CELL_WIRE,
        26: SENSOR_BROKEN,
        27: say.MEMORY,
        29: say.PRECHARGE,
        31: say.INNER_LINK,
        33: say.CHARGE_CURRENT,
        35: say.DISCHARGE_CURRENT,
        41: say.UNEQUAL,
        43: say.UNEVEN_HEAT,
        57: say.CHARGE_HOT,
        59: say.CHARGE_COLD,
        61: say.DISCHARGE_HOT,
        63: say.DISCHARGE_COLD,
    },
    states={
        **dict.fromkeys((16, 17, 42, 56, 58, 60, 62), say.WARM),
        **dict.fromkeys((32, 34), say.FAST),
        28: say.CLOCK,
        30: say.ALONE,
        40: say.UNLIKE,
    },
)

# patman15/aiobmsble, docs/humsienk_bms.md. Bit 3: patman15/BMS_BLE-HA, issue 738, 0x8 on every full pack while the maker's app shows none.
_HUMSIENK = Bits(
    full=(3, 4, 12),
    empty=(21, 28),
    faults={
        0: say.CHARGE_CURRENT,
        1: say.CHARGE_HOT,
        2: say.CHARGE_COLD,
        16: say.DISCHARGE_CURRENT,
        17: say.DISCHARGE_HOT,
        18: say.DISCHARGE_COLD,
        20: say.SHORT,
        30: say.SWITCH_HOT,
    },
    states={**dict.fromkeys((9, 10, 25, 26, 29), say.WARM), **dict.fromkeys((8, 24), say.FAST)},
)

# The class for "Shenzhen Li-ion Battery Bodyguard" (Redodo, LiTime, PowerQueen) of naugehyde/bt-sensors-plugin-sk, and
# rubenmuehlhans/litime-ble-hacs, const.py. The upper 32 bits are failures that no source tells apart.
_REDODO = Bits(
    full=(2,),
    empty=(5,),
    faults={6: say.CHARGE_CURRENT, 7: say.DISCHARGE_CURRENT, 8: say.HOT, 9: say.HOT, 10: say.COLD, 11: say.COLD, 14: say.SHORT},
)

# syssi/esphome-tianpower-bms: from the lowest, errors, temperature, current and voltage, 16 bits each.
_TIANPWR = Bits(
    full=(48, 50, 52, 54),
    empty=(7, 49, 51, 53, 55),
    faults={
        1: say.CHARGE_SWITCH,
        3: say.CHIP,
        4: say.MEMORY,
        8: say.SWITCH_HOT,
        10: say.LIMITER,
        11: say.MEASURING,
        12: say.CELL_BROKEN,
        13: SENSOR_BROKEN,
        14: say.CHARGE_SWITCH,
        15: say.DISCHARGE_SWITCH,
        **_from(
            16,
            {
                0: say.CHARGE_HOT,
                1: say.CHARGE_COLD,
                2: say.DISCHARGE_HOT,
                3: say.DISCHARGE_COLD,
                4: say.AIR_HOT,
                5: say.AIR_COLD,
                6: say.SWITCH_HOT,
                7: say.SWITCH_COLD,
            },
        ),
        **_from(32, {0: say.CHARGE_CURRENT, 1: say.SHORT, 2: say.DISCHARGE_CURRENT, 3: say.DISCHARGE_CURRENT}),
    },
    states={**dict.fromkeys((9, *range(24, 32)), say.WARM), **dict.fromkeys((36, 37), say.FAST), **dict.fromkeys((0, 56), say.UNLIKE)},
    silent=(2, 5, 6, 38, 62),  # memory card, lamp, buzzer, its own lock, goes to sleep
)

# syssi/esphome-topband-bms, topband_bms_v1_ble.
_TOPBAND = Bits(
    full=(7,),
    empty=(6,),
    faults={
        0: say.CHARGE_HOT,
        1: say.DISCHARGE_HOT,
        2: say.CHARGE_COLD,
        3: say.DISCHARGE_COLD,
        4: say.DISCHARGE_CURRENT,
        5: say.CHARGE_CURRENT,
    },
)

# syssi/esphome-ks-bms, ks_bms_ble. It calls bits 0 and 1 over- and undercurrent, which cannot be: they stay unknown.
_BRAUNPWR = Bits(
    full=(2,),
    empty=(3,),
    faults={
        4: say.CHARGE_HOT,
        5: say.CHARGE_COLD,
        6: say.DISCHARGE_HOT,
        7: say.DISCHARGE_COLD,
        8: say.CHARGE_CURRENT,
        9: say.DISCHARGE_CURRENT,
        10: say.SHORT,
        11: say.CHIP,
        13: say.CHARGE_SWITCH,
        14: say.DISCHARGE_SWITCH,
    },
    states={12: say.LOCKED},
)

_SEPLOS_HEAT: Mapping[int, str] = {1: say.CHARGE_HOT, 3: say.CHARGE_COLD, 5: say.DISCHARGE_HOT, 7: say.DISCHARGE_COLD}
_SEPLOS_WARM = (0, 2, 4, 6)

# "XZH BMS Modbus-RTU Protocol" in the documents of syssi/esphome-seplos-bms, tables TB02 to TB06, TB16 and TB15: nine bytes, TB02 highest.
# TB07 and TB08 (bits 8 to 23) tell the switches and the balancing, and are no problems.
_SEPLOS = Bits(
    full=tuple(64 + bit for bit in (0, 1, 4, 5)),
    empty=(*(64 + bit for bit in (2, 3, 6, 7)), 26, 27),
    faults={
        **_from(56, _SEPLOS_HEAT),
        **_from(48, {1: say.AIR_HOT, 3: say.AIR_COLD, 5: say.SWITCH_HOT}),
        **_from(40, {1: say.CHARGE_CURRENT, 2: say.CHARGE_CURRENT, 4: say.DISCHARGE_CURRENT, 5: say.DISCHARGE_CURRENT, 6: say.SHORT}),
        **_from(32, {0: say.SHORT_STAYS, 2: say.SHORT_STAYS, 3: say.SHORT_STAYS}),
        0: SENSOR_BROKEN,
        1: say.CHIP,
        2: say.CHARGE_SWITCH,
        3: say.DISCHARGE_SWITCH,
        4: say.CELL_BROKEN,
        5: say.CELL_WIRE,
        6: say.KEY,
        7: say.FIRE,
    },
    states={
        **dict.fromkeys((*(56 + bit for bit in _SEPLOS_WARM), 48, 50, 52), say.WARM),
        **dict.fromkeys((40, 43), say.FAST),
        28: say.UNLIKE,
    },
    silent=(54, *range(8, 24)),  # heats itself; switches and balancing
)

# syssi/esphome-seplos-bms, seplos_bms_ble: eight alarm events of eight bits, the first one highest.
_SEPLOS_V2 = Bits(
    full=(*(48 + bit for bit in (0, 1, 4, 5)), 16),
    empty=(*(48 + bit for bit in (2, 3, 6, 7)), 18, 19, 20),
    faults={
        **_from(
            56,
            {
                0: say.MEASURING,
                1: SENSOR_BROKEN,
                2: say.CURRENT_SENSOR,
                3: say.KEY,
                4: say.UNEQUAL,
                5: say.CHARGE_SWITCH,
                6: say.DISCHARGE_SWITCH,
                7: say.LIMITER,
            },
        ),
        **_from(40, _SEPLOS_HEAT),
        **_from(32, {1: say.AIR_HOT, 3: say.AIR_COLD, 4: say.SWITCH_HOT, 7: say.SECOND_TRIP}),
        **_from(
            24,
            {
                1: say.CHARGE_CURRENT,
                3: say.DISCHARGE_CURRENT,
                4: say.DISCHARGE_CURRENT,
                5: say.SHORT,
                6: say.SHORT_STAYS,
                7: say.SHORT_STAYS,
            },
        ),
        **_from(16, {5: say.REVERSED, 6: say.OUTPUT_BROKEN}),
        **_from(0, {0: say.MEMORY, 2: say.CALIBRATION, 3: say.CALIBRATION, 4: say.CALIBRATION}),
    },
    states={
        **dict.fromkeys((*(40 + bit for bit in _SEPLOS_WARM), 32, 34, 37), say.WARM),
        **dict.fromkeys((24, 26), say.FAST),
        **dict.fromkeys((1, 5), say.CLOCK),
    },
    silent=(38, 17, 12, 13),  # heats itself, charges now and then, waits to be charged
)

# patman15/aiobmsble, docs/myvolta_bms.md: its flags less the lowest byte, which is no part of the code.
_MYVOLTA = Bits(
    full=(0, 2),
    empty=(1, 3),
    faults={
        4: say.DISCHARGE_CURRENT,
        5: say.CHARGE_CURRENT,
        6: say.HOT,
        7: say.COLD,
        8: say.PRECHARGE,
        9: say.CELL_WIRE,
        10: say.OUTSIDE_POWER,
        11: SENSOR_BROKEN,
        12: say.CALIBRATION,
        13: say.INNER_LINK,
        14: say.SETTINGS,
        15: say.MEMORY,
        24: say.MEMORY,
        25: say.MEMORY,
        26: say.CHIP,
    },
)

# syssi/esphome-jk-bms, heltec_balancer_ble, and patman15/BMS_BLE-HA, issue 817, for 0x0A on sound packs. One code; the library has let
# through only what stands here.
_NEEY = Codes(
    bytes_of=(
        {
            **dict.fromkeys((0x00, 0x02, 0x04, 0x05, 0x06, 0x0C)),
            0x01: say.CELL_COUNT,
            0x03: say.CELL_WIRE,
            0x07: EMPTY,
            0x08: say.HOT,
            0x09: say.MODULE,
            0x0A: EMPTY,
            0x0B: say.HOT,
        },
    )
)

TABLES: Mapping[str, Bits | Codes] = {
    "ant": _ANT,
    "ant_leg": _ANT_OLD,
    "braunpwr": _BRAUNPWR,
    "daly": _DALY,
    "eleksol": _JBD,  # the library reads both by one plugin
    "humsienk": _HUMSIENK,
    "jbd": _JBD,
    "jk": _JK,
    "myvolta": _MYVOLTA,
    "neey": _NEEY,
    "pwrxtreme": _TOPBAND,  # likewise
    "redodo": _REDODO,
    "seplos": _SEPLOS,
    "seplos_v2": _SEPLOS_V2,
    "tianpwr": _TIANPWR,
    "topband": _TOPBAND,
}


def meaning_of(protocol: str, code: object) -> Meaning:
    """What a problem code says; nothing for 0, for none, and for what is no code."""
    if isinstance(code, bool) or not isinstance(code, int) or not 0 < code < 1 << MAX_CODE_BITS:
        return Meaning()
    table = TABLES.get(protocol)
    return Meaning(unknown=code) if table is None else table.read(code)
