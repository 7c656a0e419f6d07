"""What the native dialect's JSON looks like, in and out, one module per noun.

Only shapes: the rules are the domain's, so that every dialect has the same.
"""
