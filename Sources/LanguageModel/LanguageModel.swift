// The LanguageModel layer.
