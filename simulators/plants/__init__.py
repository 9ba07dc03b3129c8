"""The equipment as it behaves: `update(now, orders, senses)` gives what its contacts say and where its steel is."""
