"""The indicators that reports may use, group by group."""
