"""How fast the parts are, beside what users would pick instead."""
