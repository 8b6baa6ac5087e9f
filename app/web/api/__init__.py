"""Our own HTTP API: /api/v1, one module per noun, with the document that describes it."""
