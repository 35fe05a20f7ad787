"""Training mode's world: an embedded broker, the reference platform and simulated batteries, on loopback and in a data folder of its own.

scenarios   the situations to practise, from resources/training/scenarios.json
broker      the embedded broker, in a process of its own: broker_process
side        the broker, and the platform in a thread of its own
practice    Practice, the port: sets platform, batteries and faults up for one scenario
"""
