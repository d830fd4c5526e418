"""The native door: REST, WebSocket and OpenAPI on one port (api.md). Import its modules, not this package."""
