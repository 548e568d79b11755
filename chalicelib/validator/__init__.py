"""The stand-alone validator: checks a batch file before it is sent (VAL-01).

It needs no network, no account and nothing but Python, and reports what it finds with the words and codes of the
service. It cannot check what only the registers hold: whether a learner, a reference or a provider exists, and which
grades an aim has.
"""
