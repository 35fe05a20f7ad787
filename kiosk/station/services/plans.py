"""Plans: the platform's answer when there is one, the cached plan when there is none (decision 19).

No answer in time is no error while the cached plan is young enough; CustomerUnknown and PlanInvalid are the platform's answer and
hold even where an older plan is cached. The plan handed out is always less what this kiosk has completed and not yet settled; a cached
one also less what was settled since it was cached. What is answered while the platform is asked may or may not be in its plan: then it is
asked anew.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from kiosk.domain.errors import BadCustomerCode, CustomerUnknown, LinkDown, PlanTooOld, PlanUnavailable
from kiosk.domain.language import tr
from kiosk.domain.money.money import Collectable
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CustomerCode
from kiosk.domain.swap.pending_swaps import plan_after_pending
from kiosk.domain.swap.swap import Swap
from kiosk.shared.system import Clock
from kiosk.station.events import Announce, PlanRefreshed
from kiosk.station.ports import CachedPlan, PlanSource, Progress, Store

_MAX_ASKS = 5  # each settles one more completion of this plan


_MAX_LOOKED_AT = 50  # plans in which a text stands somewhere, to find those that it names


def _known_by(plan: ServicePlan) -> tuple[str, ...]:
    """What a customer without a card may say."""
    return plan.id, plan.customer_id, plan.customer_name or "", plan.current_asset or ""


class Plans:
    """`answer_seconds` bounds the wait for the platform; `offline_limit` is the oldest cached plan that may swap.

    `catch_up` has the store hold every answer that has come, before it is asked what is pending.
    """

    def __init__(
        self,
        source: PlanSource,
        store: Store,
        clock: Clock,
        announce: Announce,
        *,
        collectable: Collectable,
        answer_seconds: float = 4.0,
        offline_limit: timedelta = timedelta(hours=24),
        catch_up: Callable[[], None] = lambda: None,
    ) -> None:
        self._source, self._store, self._clock, self._announce = source, store, clock, announce
        self._collectable, self.answer_seconds, self._offline_limit = collectable, answer_seconds, offline_limit
        self._catch_up = catch_up

    async def find(self, code: CustomerCode) -> CachedPlan:
        """The plan for a code, fresh or cached, less what is pending. A typed code is also looked for in small letters: the window's
        keyboard has capitals only; a scanned one by the second reading of its keys, first by that which is known here. Raises
        CustomerUnknown, PlanInvalid, PlanTooOld, PlanUnavailable, and BadCustomerCode where both readings are plans known here.
        """
        first, *others = self._readings(code)
        try:
            return await self._find(first)
        except (CustomerUnknown, PlanUnavailable) as refusal:
            for other in others:
                with suppress(CustomerUnknown, PlanUnavailable):
                    return await self._find(other)
            if isinstance(refusal, CustomerUnknown):
                raise CustomerUnknown(code.plan_id, code.keyboard) from None
            raise

    def _readings(self, code: CustomerCode) -> tuple[CustomerCode, ...]:
        """The code in every way in which it may have been meant, the likelier first."""
        other_id = code.other_id or (code.plan_id.lower() if code.typed else "")
        if other_id in {"", code.plan_id}:
            return (code,)
        other = replace(code, plan_id=other_id)
        known = [each for each in (code, other) if self._store.plan(each.plan_id) is not None]
        if code.other_id and len(known) > 1:
            raise BadCustomerCode(tr("it may be read in two ways, and each is a plan"), code.keyboard)
        return (other, code) if code.other_id and known == [other] else (code, other)

    async def _find(self, code: CustomerCode) -> CachedPlan:
        try:
            found = self._keep(*await self._ask(code))
        except LinkDown:
            found = self._cached(code.plan_id)
        return CachedPlan(plan=self._less_since(found.plan), as_of=found.as_of)

    def known(self, plan_id: str) -> ServicePlan | None:
        """The plan as this kiosk knows it, without asking and however old; None when it was never here. Raises StoreFailed."""
        cached = self._store.plan(plan_id)
        return None if cached is None else self._less_since(cached.plan)

    async def kept_like(self, text: str, most: int) -> tuple[ServicePlan, ...]:
        """At most so many plans kept here whose code, customer's id or name, or battery holds this text. For a person to choose from:
        nobody is identified by it. Raises StoreFailed."""
        wanted = text.strip().upper()
        found = self._store.plans_with(wanted, _MAX_LOOKED_AT) if wanted else ()
        return tuple(each.plan for each in found if any(wanted in fact.upper() for fact in _known_by(each.plan)))[:most]

    async def checked_at(self, plan_id: str) -> datetime | None:
        """When the platform last answered with a plan that is cached here; None where it is not. Raises StoreFailed."""
        cached = self._store.plan(plan_id)
        return None if cached is None else cached.as_of

    async def _ask(self, code: CustomerCode) -> tuple[ServicePlan, Progress]:
        for _ask in range(_MAX_ASKS):
            pending, asked = self._pending(code.plan_id), self._store.progress(code.plan_id)
            plan = await self._source.identify(code, self.answer_seconds)
            if self._pending(code.plan_id) == pending:
                return plan, asked
        raise LinkDown(tr("the plan changed while it was asked for"))

    def _pending(self, plan_id: str) -> tuple[Swap, ...]:
        self._catch_up()
        return self._store.pending_completions(plan_id)

    def _keep(self, plan: ServicePlan, asked: Progress) -> CachedPlan:
        now = self._clock.now()
        self._store.put_plan(plan, now, asked)
        self._announce(PlanRefreshed(plan_id=plan.id))
        return CachedPlan(plan=plan, as_of=now)

    def _cached(self, plan_id: str) -> CachedPlan:
        cached = self._store.plan(plan_id)
        if cached is None:
            raise PlanUnavailable(plan_id)
        # a clock that was set back makes ages negative: the plan is not younger than now
        age = abs(self._clock.now() - cached.as_of)
        if age > self._offline_limit:
            raise PlanTooOld(plan_id, age, self._offline_limit)
        return cached

    def _less_since(self, plan: ServicePlan) -> ServicePlan:
        return plan_after_pending(plan, self._store.pending_swaps(plan.id), self._collectable)
