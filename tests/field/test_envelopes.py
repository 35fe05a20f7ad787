"""Every recorded envelope through the real adapters, with a real broker between."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from kiosk.domain.errors import CustomerUnknown, LinkDown, PlanBlocked, PlanInvalid, PriceMissing, StepImpossible
from kiosk.domain.money.money import Collectable, top_up
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CompleteService, CustomerCode, EquipmentCheckin
from kiosk.domain.swap.pending_swaps import Answer, Rejected, Settled
from kiosk.domain.swap.swap import Confirmation, Payment, Swap, completion
from kiosk.shared.mqtt.link import LinkSettings, MqttMessage
from kiosk.shared.mqtt.session import MqttSession
from kiosk.station.adapters.mqtt.completion_channel import EXPIRY_SECONDS, MqttCompletions
from kiosk.station.adapters.mqtt.payment_channel import FieldPayments
from kiosk.station.adapters.mqtt.plan_source import FieldPlans
from kiosk.wire.actions import Topics
from kiosk.wire.exact_json import loads
from kiosk.wire.identification import IdentifyAnswer, identify_answer_from_payload
from tests.brokers import Mosquitto, run
from tests.builders import NOON, swap_of, swap_with_batteries
from tests.fakes import FakeClock
from tests.field.platform import WAIT_SECONDS, link_to
from tests.field.recorded import ASK, FOLDER, PLAN, TXN, recorded
from tests.station.adapters.mqtt.parties import Ears, linked

TOPICS = Topics()
ON_WIRE = {each.stem for each in FOLDER.glob("*.json")}


def test_what_comes_and_goes_is_recorded() -> None:
    assert {name.split("_")[0] for name in ON_WIRE} == {"identify", "complete", "request"}
    assert set(SETTLING) | set(REFUSING) | set(MEANING_NOTHING) == {each for each in ON_WIRE if each.startswith("complete_")}


def source(session: MqttSession) -> FieldPlans:
    return FieldPlans(session, TOPICS, FakeClock(NOON), station_id="STATION_XYZ", attendant=lambda: "ATT-001", question_id=lambda: ASK)


def identified(broker: Mosquitto, name: str, *, typed: bool = False, asked: list[MqttMessage] | None = None) -> ServicePlan:
    """What the kiosk makes of an answer."""

    async def act() -> ServicePlan:
        async with linked(link_to(broker, "kiosk")) as near, linked(link_to(broker, "field")) as far:
            answer = recorded(f"identify_{name}")

            def reply(message: MqttMessage) -> None:
                if asked is not None:
                    asked.append(message)
                far.publish(answer.topic, answer.payload)

            await far.ready(far.listen(recorded("request_identify_scanned").topic, reply))
            return await source(near).identify(CustomerCode(text=PLAN, plan_id=PLAN, typed=typed), WAIT_SECONDS)

    return run(act())


# ---------------------------------------------------------------- identification


@pytest.mark.parametrize("typed", [False, True])
def test_the_question_is_the_recorded_one_for_a_code_scanned_or_typed(mosquitto: Mosquitto, typed: bool) -> None:  # noqa: FBT001  a case
    asked: list[MqttMessage] = []
    identified(mosquitto, "whole", typed=typed, asked=asked)
    assert loads(asked[0].payload) == recorded(f"request_identify_{'typed' if typed else 'scanned'}").document
    assert asked[0].correlation_data == ASK.encode()


@pytest.mark.parametrize("name", ["whole", "attendant_topic", "told_at_top_level", "told_in_metadata", "cached_result"])
def test_the_plan_is_the_same_wherever_it_is_told(mosquitto: Mosquitto, name: str) -> None:
    plan = identified(mosquitto, name)
    assert plan.electricity is not None
    assert (plan.id, plan.customer_id, plan.current_asset) == (PLAN, "CUST-0042", "BAT-12345")
    assert (plan.electricity.used, plan.electricity.quota) == (Decimal("12.35"), Decimal(50))
    assert plan.unit_price(plan.electricity) == Decimal("87.5")
    assert (plan.swap_count.service_id, plan.unit_price(plan.swap_count)) == ("service-swap-count-kenya", Decimal(30))
    assert (plan.billing_currency, plan.template.version) == ("KES", "1.4")
    assert not plan.template.agent_config.service_completion.require_payment_confirmation


@pytest.mark.parametrize(("name", "currency"), [("ksh", "KES"), ("cfa", "XOF"), ("foreign_common_terms", "XOF"), ("no_currency", "")])
def test_the_currency_is_the_plans_own_and_never_the_shared_documents(mosquitto: Mosquitto, name: str, currency: str) -> None:
    assert identified(mosquitto, name).billing_currency == currency


@pytest.mark.parametrize("name", ["missing_price", "zero_price", "no_currency"])
def test_energy_that_is_owed_is_never_free_where_no_price_or_no_currency_is_told(mosquitto: Mosquitto, name: str) -> None:
    swap = swap_with_batteries(identified(mosquitto, name), "4.8", "49.8")
    assert swap.quota is not None
    with pytest.raises(PriceMissing):
        top_up(swap.quota, swap.plan, Collectable())


def test_two_prices_for_one_service_are_none(mosquitto: Mosquitto) -> None:
    with pytest.raises(PlanInvalid, match="service-electricity-kenya"):
        identified(mosquitto, "two_prices")


def test_a_plan_without_a_battery_is_a_first_visit(mosquitto: Mosquitto) -> None:
    assert identified(mosquitto, "first_visit").first_visit


def test_a_plan_whose_deposit_is_due_does_not_swap(mosquitto: Mosquitto) -> None:
    with pytest.raises(PlanBlocked) as blocked:
        swap_of(identified(mosquitto, "deposit_due"))
    assert blocked.value.pay_first


@pytest.mark.parametrize(
    "name", ["plan_not_found", "customer_not_found", "invalid_qr_code", "invalid_subscription_id", "failure_over_success"]
)
def test_a_customer_whom_the_platform_does_not_know_is_unknown(mosquitto: Mosquitto, name: str) -> None:
    with pytest.raises(CustomerUnknown):
        identified(mosquitto, name)


def test_another_refusal_is_told_with_the_platforms_reason(mosquitto: Mosquitto) -> None:
    with pytest.raises(PlanInvalid, match="blocked by the fraud desk"):
        identified(mosquitto, "security_alert")


def test_a_platform_with_too_much_to_do_leaves_the_cached_plan_to_serve(mosquitto: Mosquitto) -> None:
    with pytest.raises(LinkDown, match="too much at once"):
        identified(mosquitto, "rate_limit")


# ---------------------------------------------------------------- completion

SETTLING = (
    "complete_booked",
    "complete_older_topic",
    "complete_told_at_top_level",
    "complete_told_in_metadata",
    "complete_signals_without_success",
    "complete_paid",
    "complete_id_in_metadata",
    "complete_cached_result",
)
REFUSING = {
    "complete_failure_over_success": "BAT-12345 is not this customer's battery",
    "complete_cached_refusal": "BAT-67890 is not in the fleet",
    "complete_success_false": "booked nothing after all",
    "complete_reason_in_service_result": "the old battery was not returned",
    "complete_reason_in_status_message": "MP4471 is not known",
    "complete_quota_exhausted": "the plan is short of 2.1 kWh",
}
MEANING_NOTHING = ("complete_rate_limit", "complete_says_nothing", "complete_another_plan")


def swap_on(plan_name: str = "whole", incoming: str = "4.8", outgoing: str = "30.4") -> Swap:
    """A swap on a recorded plan, both batteries read."""
    answer = identify_answer_from_payload(PLAN, recorded(f"identify_{plan_name}").payload)
    assert isinstance(answer, IdentifyAnswer)
    return swap_with_batteries(answer.plan(), incoming, outgoing)


def request_of(swap: Swap) -> CompleteService:
    return completion(swap, NOON + timedelta(seconds=125, milliseconds=900))


def answered(broker: Mosquitto, *names: str) -> tuple[list[Answer], MqttMessage, MqttMessage]:
    """What the kiosk makes of these answers in order, up to the last; and the completion, sent twice, as the platform heard it."""

    async def act() -> tuple[list[Answer], MqttMessage, MqttMessage]:
        async with linked(link_to(broker, "kiosk")) as near, linked(link_to(broker, "field")) as far:
            channel, answers, asked = MqttCompletions(near, TOPICS, in_field_dialect=True), Ears[Answer](), Ears[MqttMessage]()
            channel.on_answer = answers
            message = channel.message(swap_on(), request_of(swap_on()))
            await far.ready(far.listen(message.topic, asked))
            await channel.send(message)
            await channel.send(channel.message(swap_on(), request_of(swap_on())))
            first, second, *_ = await asked.until(count=2)
            for name in names:
                far.publish(recorded(name).topic, recorded(name).payload)
            last = recorded(names[-1]).payload
            await answers.until(lambda each: each.raw == last)
        return answers.heard, first, second

    return run(act())


@pytest.mark.parametrize("name", SETTLING)
def test_an_answer_that_settles(mosquitto: Mosquitto, name: str) -> None:
    (answer,), _, _ = answered(mosquitto, name)
    assert isinstance(answer, Settled)
    assert (answer.correlation_id, answer.plan_id, answer.repeated) == (TXN, PLAN, name == "complete_cached_result")


@pytest.mark.parametrize(("name", "reason"), REFUSING.items(), ids=REFUSING.keys())
def test_an_answer_that_refuses_says_why(mosquitto: Mosquitto, name: str, reason: str) -> None:
    (answer,), _, _ = answered(mosquitto, name)
    assert isinstance(answer, Rejected)
    assert (answer.correlation_id, answer.reason) == (TXN, reason)


def test_an_answer_that_judges_nothing_is_logged_and_the_next_one_counts(mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture) -> None:
    (answer,), _, _ = answered(mosquitto, *MEANING_NOTHING, "complete_booked")
    assert isinstance(answer, Settled)
    assert [each in caplog.text for each in ("asked again later", "neither that it is recorded", "another plan")] == [True] * 3


def test_a_completion_is_the_same_bytes_every_time_under_one_id_and_expires(mosquitto: Mosquitto) -> None:
    _, first, second = answered(mosquitto, "complete_booked")
    assert loads(first.payload) == recorded("request_complete").document
    assert first.topic == recorded("request_complete").topic
    assert first.payload == second.payload
    assert (first.correlation_data, first.response_topic) == (TXN.encode(), recorded("complete_booked").topic)
    assert EXPIRY_SECONDS == FieldPlans.expiry_seconds == 300


def paid(swap: Swap, amount: str) -> Swap:
    payment = Payment(
        amount=Decimal(amount),
        currency="KES",
        receipt_id="MP4471",
        method="MOBILE_MONEY",
        recorded_at=NOON,
        confirmation=Confirmation.NOT_NEEDED,
    )
    return replace(swap, payment=payment)


def without_swaps_left(swap: Swap) -> Swap:
    count = swap.plan.swap_count
    return replace(swap, plan=swap.plan.with_states(replace(count, used=count.quota)))


def unlinked_channel() -> MqttCompletions:
    session = MqttSession(LinkSettings(host="127.0.0.1", client_id="kiosk"))
    return MqttCompletions(session, TOPICS, in_field_dialect=True)


REQUESTS: dict[str, Callable[[], Swap]] = {
    "request_complete": swap_on,
    "request_first_visit": lambda: swap_on("first_visit"),
    "request_fuller_returned": lambda: swap_on(incoming="30.4", outgoing="4.8"),
    "request_paid": lambda: paid(swap_on(outgoing="49.8"), "645"),
    "request_paid_swap": lambda: paid(without_swaps_left(swap_on()), "30"),
}


@pytest.mark.parametrize(("name", "made"), REQUESTS.items(), ids=REQUESTS.keys())
def test_what_is_sent_is_the_recorded_completion(name: str, made: Callable[[], Swap]) -> None:
    swap = made()
    message = unlinked_channel().message(swap, request_of(swap))
    assert loads(message.payload) == recorded(name).document
    assert (message.topic, message.plan_id, message.correlation_id) == (recorded(name).topic, PLAN, TXN)


def test_a_clock_set_back_makes_no_negative_duration() -> None:
    swap = replace(swap_on(), started_at=NOON + timedelta(hours=1))
    message = unlinked_channel().message(swap, request_of(swap))
    assert loads(message.payload)["data"]["service_data"]["service_duration"] == 0


def test_a_step_of_the_older_sequence_is_not_spoken() -> None:
    channel = unlinked_channel()
    with pytest.raises(StepImpossible, match="EQUIPMENT_CHECKIN"):
        channel.message(swap_on(), EquipmentCheckin(equipment_id="BAT-12345"))


async def test_a_payment_that_waits_for_a_word_is_told_that_none_comes() -> None:
    swap = paid(swap_on(), "645")
    assert swap.payment is not None
    with pytest.raises(StepImpossible, match="confirms it with the swap"):
        await FieldPayments().confirm(swap, swap.payment, 1.0)
