"""A local web page on which recordings are judged (extra ``demo``)."""
