"""The matcher is trained and judged here, on labelled samples: nothing of it runs in a service."""
