"""Questions and their answers, where the one who asked gives up."""

import asyncio

from kiosk.shared.mqtt.session import AwaitedAnswers


def test_a_question_asked_again_while_the_first_asker_gives_up_is_still_answered() -> None:
    waiting: AwaitedAnswers[str] = AwaitedAnswers()

    async def ask() -> str:
        first = waiting.asking("TXN-1")
        first.__enter__()
        with waiting.asking("TXN-1") as second:
            first.__exit__(None, None, None)
            assert waiting.answer("TXN-1", "paid")
            return await second

    assert asyncio.run(ask()) == "paid"


def test_an_answer_that_nobody_waits_for_is_dropped() -> None:
    waiting: AwaitedAnswers[str] = AwaitedAnswers()

    async def ask() -> bool:
        with waiting.asking("TXN-1"):
            pass
        return waiting.answer("TXN-1", "late")

    assert not asyncio.run(ask())
