"""Run by `test_at_spi.py`, on an X server and a session bus of their own: whole swaps by AT-SPI alone, on a kiosk in training."""

from collections.abc import Iterator

import pytest

from kiosk.domain.swap.swap import Step
from tests.ui.accessible.at_spi import Reader
from tests.ui.page_counter import Counter, run_of, spin


@pytest.fixture
def reader(counter: Counter) -> Iterator[Reader]:
    made = Reader()
    made.connect()
    yield made
    made.close()


def test_a_whole_swap_by_at_spi_alone(counter: Counter, reader: Reader) -> None:
    code = counter.world.begin("normal").customer_code
    reader.press("Type the code")
    reader.write("", code)
    assert reader.text("") == code
    reader.press("Find customer")
    reader.press("Read returned battery")
    assert reader.measured(reader.find("progress bar", "Wait"))[1].endswith(" of 10 s")
    reader.press("Choose new battery")
    assert counter.wizard.swap is not None
    new = f"BAT-{20000 + run_of(counter.wizard.swap)}"
    reader.press(new, role="radio button")
    reader.press(f"Take {new}")
    reader.find("label", "Step 5 of 6: Review")
    spin(lambda: counter.frame.bar.allows("primary"))
    reader.press("Complete swap")
    spin(lambda: counter.step is Step.DONE)
    reader.find("heading", "Done")
    spin(lambda: any(words.startswith("Swap complete") for words in reader.heard))
    assert any(words.startswith("Customer found") for words in reader.heard)
    assert any(words.startswith("Choose the new battery") for words in reader.heard)
