"""The ASGI side of the app: middleware, routes beside the pages, and checks before the start."""
