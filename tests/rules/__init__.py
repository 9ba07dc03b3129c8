"""One file for each numbered requirement, R01 to R40: the real service on simulated equipment, in virtual time.

A file says what the rule asks for, tests it, and knows in `broken` how to break it: `test_every_rule.py` sees each of them fail.
A rule that does not apply yet says in DOES_NOT_APPLY why, in one line.
"""
