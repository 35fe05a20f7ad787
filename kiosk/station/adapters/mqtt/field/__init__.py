"""The field dialect: what the platform in use today speaks, behind the same ports as the specification's (facts from the field).

Identification is the same question and answer, a plan comes in the field's form; a swap is completed by `payment_and_service`; payments are
confirmed with the swap alone.
"""
