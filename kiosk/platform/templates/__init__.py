"""Templates at the platform (specification 003, decisions 23 to 25).

`service` does, `values` is what goes in and out, `seeding` brings what is shipped. Nothing is imported here.
"""
