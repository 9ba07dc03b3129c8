"""The whole service in virtual time, on a simulated site, under misfortune that a seed decides."""
