import Testing
import TextCorpus

@Suite struct SourceLanguageTests {
    @Test(arguments: [
        ("a.swift", "", "Swift"), ("a.PY", "", "Python"), ("Makefile", "", "Makefile"),
        ("CMakeLists.txt", "", "CMake"),
        ("x.tar.gz", "", nil), ("run", "#!/usr/bin/env python3", "Python"),
        ("run", "#!/bin/bash -e", "Shell"),
        ("run", "#!/usr/bin/env -S node --flag", "JavaScript"), ("run", "#!/usr/bin/unknown", nil),
        ("run", "text", nil), (".py", "", nil),
        ("Dockerfile", "", "Dockerfile"), ("a.h", "", "C"), ("a.hpp", "", "C++"), ("README", "", "Text"),
    ]) func namesAndFirstLinesTell(name: String, firstLine: String, language: String?) {
        #expect(SourceLanguage(name: name, firstLine: Array(firstLine.utf8))?.name == language)
    }

    @Test(arguments: [
        ("a.swift", "// src/a.swift"), ("a.py", "# src/a.py"), ("a.html", "<!-- src/a.html -->"),
        ("a.css", "/* src/a.css */"),
        ("a.lua", "-- src/a.lua"), ("a.json", "src/a.json"), ("unknown", "# src/unknown"),
    ]) func pathsAreWrittenAsComments(name: String, heading: String) {
        let language = SourceLanguage(name: name, firstLine: [])
        #expect(SourceLanguage.heading(path: "src/" + name, language: language) == heading)
    }
}
