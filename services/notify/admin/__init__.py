"""What an operator does with notify: `python -m services.notify.admin`, and `kinbridge` on one machine."""
