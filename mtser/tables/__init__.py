"""The paper's tables from run folders (``mtser report``).

It imports nothing here, so that ``mtser --help`` is quick. From Python::

    from mtser.tables.make import make_report
    from mtser.tables.runs import find_runs
    from mtser.tables.write import write_report

    write_report(make_report(find_runs(["results"]), reference="full"), "report")
"""
