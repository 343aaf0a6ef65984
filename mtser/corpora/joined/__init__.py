"""Several corpora as one, with common classes: to train on some and test on others."""

from mtser.corpora.joined.class_map import ClassMap, read_class_map
from mtser.corpora.joined.cross_corpus import cross_corpus_name, read_cross_corpus
from mtser.corpora.joined.describe import describe_members
from mtser.corpora.joined.join import join_corpora, without_copies
from mtser.corpora.joined.read import read_source
from mtser.corpora.joined.readers import find_reader, reader_names
from mtser.corpora.joined.source import Source, make_source, parse_sources, read_sources

__all__ = [
    "ClassMap",
    "Source",
    "cross_corpus_name",
    "describe_members",
    "find_reader",
    "join_corpora",
    "make_source",
    "parse_sources",
    "read_class_map",
    "read_cross_corpus",
    "read_source",
    "read_sources",
    "reader_names",
    "without_copies",
]
