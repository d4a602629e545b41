import TestSupport
import Testing
import TextCorpus

@Suite struct LicenseTests {
    @Test(arguments: [
        (
            "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy\nof this software … The above copyright notice and this permission notice shall be included",
            "MIT"
        ),
        (
            "Permission is hereby granted, free of charge, to any person obtaining a copy of this software",
            "MIT-0"
        ),
        (
            "                                 Apache License\n                           Version 2.0, January 2004",
            "Apache-2.0"
        ),
        (
            "Apache License\nVersion 2.0, January 2004 … ## Runtime Library Exception to the Apache 2.0 License: ##",
            "Apache-2.0 WITH Swift-exception"
        ),
        (
            "Redistribution and use in source and binary forms, with or without\nmodification, are permitted provided … Neither the name of the",
            "BSD-3-Clause"
        ),
        (
            "Redistribution and use in source and binary forms, with or without modification, are permitted provided that",
            "BSD-2-Clause"
        ),
        ("GNU GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007", "GPL-3.0"),
        ("GNU GENERAL PUBLIC LICENSE\n Version 2, June 1991", "GPL-2.0"),
        ("GNU LESSER GENERAL PUBLIC LICENSE Version 2.1, February 1999", "LGPL-2.1"),
        ("GNU AFFERO GENERAL PUBLIC LICENSE Version 3", "AGPL-3.0"),
        ("Mozilla Public License Version 2.0", "MPL-2.0"),
        ("This is free and unencumbered software released into the public domain.", "Unlicense"),
        (
            "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice",
            "ISC"
        ),
        ("PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2", "PSF-2.0"),
    ]) func licensesAreToldByTheirSentences(text: String, identifier: String) {
        #expect(License.identifier(in: text) == identifier)
    }

    @Test func otherTextsAreNoLicenses() { #expect(License.identifier(in: story(1)) == nil) }

    @Test(arguments: [
        ("// SPDX-License-Identifier: Apache-2.0\nint x;", "Apache-2.0"),
        ("/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */", "(MIT OR GPL-2.0-only)"),
        ("# Licensed under the Apache License, Version 2.0 (the \"License\");", "Apache-2.0"),
        ("# Licensed under the MIT License.", "MIT"), ("# nothing about it", nil),
        ("SPDX-License-Identifier: $x", nil),
    ]) func headersNameLicenses(text: String, identifier: String?) {
        #expect(License.header(Array(text.utf8)) == identifier)
    }

    @Test func filesAreKnownByName() {
        for name in [
            "LICENSE", "LICENCE.md", "COPYING", "COPYING.LESSER", "license.txt", "UNLICENSE", "LICENSE-MIT",
        ] {
            #expect(License.isLicenseFile(name))
        }
        for name in ["license.py", "licensing.swift", "README"] { #expect(!License.isLicenseFile(name)) }
    }
}
