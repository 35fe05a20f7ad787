"""Write the three sounds of the counter: accepted, refused, attention.

    python resources/make_sounds.py

Sines with soft ends, 22050 Hz, 16 bit, mono, each under 0.4 s. The files are part of the repository; this script is how
they were made and how to make others. Frequencies lie where a small speaker and an ear beside traffic are both good.
"""

import math
import struct
import wave
from pathlib import Path

RATE = 22_050
PEAK = 0.7  # of full scale: the volume setting goes down from here, so nothing ever clips
SOFT_SECONDS = 0.012

Tone = tuple[float, float]  # frequency in hertz (0 is silence), seconds

SOUNDS: dict[str, tuple[Tone, ...]] = {
    "accepted": ((880.0, 0.11), (0.0, 0.03), (1318.5, 0.16)),  # two short rising tones
    "refused": ((392.0, 0.15), (0.0, 0.03), (261.6, 0.2)),  # two low falling tones
    "attention": ((659.3, 0.38),),  # one longer tone
}


def samples(frequency: float, seconds: float) -> list[int]:
    """One tone, faded in and out so that it does not click. The octave above makes it carry on a small speaker."""
    count = round(RATE * seconds)
    soft = RATE * SOFT_SECONDS
    out = []
    for index in range(count):
        turn = 2 * math.pi * frequency * index / RATE
        level = min(1.0, index / soft, (count - 1 - index) / soft)
        out.append(round(32_767 * PEAK * level * (0.75 * math.sin(turn) + 0.25 * math.sin(2 * turn))))
    return out


def write(name: str, tones: tuple[Tone, ...], folder: Path) -> None:
    data = [value for tone in tones for value in samples(*tone)]
    with wave.open(str(folder / f"{name}.wav"), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(struct.pack(f"<{len(data)}h", *data))


def main(folder: Path = Path(__file__).parent / "sounds") -> None:
    for name, tones in SOUNDS.items():
        write(name, tones, folder)


if __name__ == "__main__":
    main()
