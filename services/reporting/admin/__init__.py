"""What an operator does with reporting: `python -m services.reporting.admin`, and `kinbridge` on one machine."""
