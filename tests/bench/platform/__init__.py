"""The platform under load: completions a second, latency and memory of `platform serve`, beside bare agents that write the same rows.

    entrants    who is measured: each a broker, a database, an agent and a load of its own; all wait while one works
    tables      the databases of the entrants: the platform's tables with the plans of the load
    load        the process that asks, and what it tells
    throughput, memory      the figures
    pages       by hand: plan look-up, sync page and pages for people on a database of any size

Workers, bare agents, the load and the brokers are processes of their own and share the machine's cores, as the figures' notes say.
"""
