// A corpus names the documents of what is made from it, so importing this module imports both.
@_exported public import TextCorpus
