// What is made of a corpus names its documents: one import gives both.
@_exported public import TextCorpus
