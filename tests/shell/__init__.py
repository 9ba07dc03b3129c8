"""The service's shell, part by part."""
