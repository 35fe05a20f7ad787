"""Training mode: an embedded broker, the reference platform and simulated batteries, on loopback and in a data folder of their own.

scenarios        the situations to practise, from resources/training/scenarios.json
environment      the platform in a thread of its own, and the embedded broker in a process of its own: broker_process
sessions         implements the port `Training`: puts platform, batteries and faults in place for one scenario, and plays the customer who
                 pays by phone
"""
