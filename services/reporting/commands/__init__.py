"""What people do with donors, grants and reports, one function per act."""
