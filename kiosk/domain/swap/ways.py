"""Where Back leads: to the page before, with the swap as it is. Pure."""

from kiosk.domain.swap.swap import Step, Swap, check_may_go_back


def step_before(swap: Swap, shown: Step) -> Step:
    """The step that is shown before `shown`; what was read and chosen stays in the swap (CUSTOMER is the customer who was found).

    Raises StepImpossible after a payment, and of a swap that is complete or has not begun.
    """
    check_may_go_back(swap)
    if shown is Step.NEW:
        return Step.CUSTOMER if swap.plan.first_visit else Step.RETURNED
    return Step.NEW if shown in {Step.PAYMENT, Step.REVIEW} else Step.CUSTOMER
