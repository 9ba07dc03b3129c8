"""The works: what is done and measured, one function each."""
