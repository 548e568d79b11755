"""The stand-alone validator: checks a batch file before it is sent (VAL-01).

It needs no network, no account and nothing but Python, and tells what it finds in the words and codes of the service.
What only the registers know (whether a learner, a reference or a provider exists, and which grades go with an aim) it
cannot check.
"""
