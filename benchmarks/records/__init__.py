"""The journal of the service, used as the service does by programs in processes of their own: it has no door to the outside.

Only these import it; the bench reads what they print.
"""
