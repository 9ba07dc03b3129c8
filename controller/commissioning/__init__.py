"""The technician's acceptance test of a device, and the report that it leaves. A client of the API, like any other face."""
