"""What is compared. Each side is a process of its own: `child.serve` says how it is started, released and watched."""
