"""What the installation's owner does in intake: `python -m services.intake.admin`, and `kinbridge` on one machine."""
