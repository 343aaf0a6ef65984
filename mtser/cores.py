"""How much this process may do at once."""


def n_cores() -> int:
    """The cores that this process may use, which a batch system or a container (``docker run --cpus``) may limit."""
    import joblib  # not with every command

    return joblib.cpu_count()
