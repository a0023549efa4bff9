"""The product's databases in a deployment: a restore point that was proven, migrations up and down, and putting back.

Run as a process of its own, `python -P -m bot.databases backup --environment production ...`, so that a restart of the
bot does not touch it. The address is in DATABASE_URL and nowhere else: neither in arguments nor in output.
"""
