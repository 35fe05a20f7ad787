"""A customer's plan with its pinned template: services, roles, quotas, state machines."""
