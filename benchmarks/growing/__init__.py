"""What benchmarks/growth.py is made of: databases, acts and their costs, and sizing."""
