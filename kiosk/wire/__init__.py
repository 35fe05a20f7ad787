"""Topics and JSON to and from domain values. No network, no broker library; pydantic stays in here.

What cannot be read is a domain error with the place and the reason (PlanInvalid for a plan, BadCustomerCode for a customer code,
BadInput for all else); an answer from the platform that cannot be understood is a value, `Unintelligible`, because it may come at any
time and must stop nothing.
"""
