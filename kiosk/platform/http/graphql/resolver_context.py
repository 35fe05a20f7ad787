"""What the resolvers need. Everything behind it blocks, so it is called in threads; each call is one transaction."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.platform.store.plan_pages import PlanPages
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.templates.template_service import ServicePlanTemplateService
from kiosk.shared.system import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolverContext:
    """The context of every operation."""

    store: PlatformStore
    pages: PlanPages
    templates: ServicePlanTemplateService
    clock: Clock

    async def run[T](self, call: Callable[[], T]) -> T:
        """The answer of a blocking call; whatever it raises."""
        return await asyncio.to_thread(call)
