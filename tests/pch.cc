// Exists so that the target of the tests' precompiled header has a source.
