"""The project's benchmark: ours beside the floor that the same work cannot beat, interleaved in one run on one machine.

    command     `swap-kiosk bench`
    figures     what a figure is, the list of them, and how they are run
    timing      A B A B ... and medians
    samples     the plan, the swap and the receipt that are measured with
    agent, commit, round_trip, receipt, complete, start, window, bluetooth     a figure or a few each
    platform/   the platform under load, and its pages on databases of any size, by hand
    floors/     the bare programs, which know nothing of the kiosk
    broker, postgres    Mosquitto and the responder that always answers the same; a private PostgreSQL

The machine may change its speed from one second to the next: a ratio holds, a time alone does not. What cannot be measured here (no
Mosquitto, no PostgreSQL) is a KioskError that names what is missing; a figure that fails for a bug of ours raises as everything else does.
"""
