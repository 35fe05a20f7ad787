"""Training mode: an embedded broker, the reference platform and simulated batteries, on loopback and in a data folder of their own.

scenarios        the situations to practise, from resources/training/scenarios.json
broker           the embedded broker, in a process of its own: broker_process
environment      the broker, and the platform in a thread of its own
customer_phone   the customer who pays by phone while the kiosk waits
sessions         implements the port `Training`: puts platform, batteries and faults in place for one scenario
"""
