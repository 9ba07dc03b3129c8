"""From a site's files to a checked model: refused with file, line and column, every mistake at once, and never repaired.

`load` is the door; `site` what comes out of it. `located` reads YAML with positions, `schema` knows the shape of the files,
`draft`, `site_checks` and `device_checks` what their words must refer to, `profiles` the library of device models, and
`plainwords` how to say what is wrong.
"""
