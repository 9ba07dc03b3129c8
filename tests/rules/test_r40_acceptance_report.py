"""R40 SAT report holds versions, every interlock row, EFO stage times, cycle times, deviations, accepted risks, signatures."""

DOES_NOT_APPLY = (
    "there is no acceptance report yet: commissioning comes with the technician's bench, and this file with it"
)
