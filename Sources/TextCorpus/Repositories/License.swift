/// Recognizes licenses by the sentences that are theirs alone.
///
/// The answer is a hint, not legal advice: the SPDX identifier of the license whose sentence comes first.
package enum License {
    /// True if a file's name says that it holds a license.
    package static func isLicenseFile(_ name: String) -> Bool {
        let lowered = name.lowercased()
        guard ["license", "licence", "copying", "unlicense"].contains(where: { lowered.hasPrefix($0) }) else {
            return false
        }
        let ending = lowered.drop { $0 != "." }
        return ["", ".txt", ".md", ".rst", ".markdown", ".lesser", ".mit", ".apache", ".bsd"].contains(
            String(ending))
    }

    /// The license that a source file's first lines name.
    package static func header(_ bytes: some Collection<UInt8>) -> String? {
        let head = bytes.prefix(2_048)
        guard let text = licensing(head) else { return nil }
        return spdx(text) ?? identifier(in: text)
    }

    /// The license whose text this is.
    package static func identifier(in text: String) -> String? {
        let words = normalized(text)
        var best: (position: String.Index, identifier: String)?
        for (sentence, name) in sentences {
            guard let position = words.firstRange(ofASCII: sentence)?.lowerBound else { continue }
            if best == nil || position < best!.position { best = (position, name(words)) }
        }
        return best?.identifier
    }

    /// The value of an SPDX tag.
    private static func spdx(_ text: String) -> String? {
        guard let tag = text.firstRange(ofASCII: "SPDX-License-Identifier:") else { return nil }
        let line = text[tag.upperBound...].prefix { !$0.isNewline }
        let words = line.split(separator: " ").prefix { word in
            word.utf8.allSatisfy {
                $0 == 0x28 || $0 == 0x29 || $0 == 0x2b || $0 == 0x2d || $0 == 0x2e
                    || 0x30...0x39 ~= $0 || 0x41...0x5a ~= $0 || 0x61...0x7a ~= $0
            }
        }
        let expression = words.prefix(8).joined(separator: " ")
        return expression.isEmpty || expression.utf8.count > 80 ? nil : expression
    }

    /// The beginning of a file as text, if it speaks of licenses at all.
    private static func licensing(_ head: some Collection<UInt8>) -> String? {
        let bytes = Array(head)
        // Most files do not; looking for "icen" is cheaper than making a string.
        guard
            bytes.indices.dropLast(4).contains(where: {
                bytes[$0] == UInt8(ascii: "i") && bytes[$0 + 1] == UInt8(ascii: "c")
                    && bytes[$0 + 2] == UInt8(ascii: "e")
                    && bytes[$0 + 3] == UInt8(ascii: "n")
            }) || bytes.starts(with: "/*".utf8)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Words with single spaces between them, letters lowered, comment marks left out.
    private static func normalized(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8.prefix(1 << 16) {
            let isGap =
                isSpace(byte) || byte == UInt8(ascii: "*") || byte == UInt8(ascii: "#")
                || byte == UInt8(ascii: "/")
            if !isGap {
                bytes.append(0x41...0x5a ~= byte ? byte | 0x20 : byte)
            } else if bytes.last != 0x20 {
                bytes.append(0x20)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Sentences in normalized words, and the identifier given what else the text says.
    private static let sentences: [(String, @Sendable (String) -> String)] = [
        (
            "permission is hereby granted, free of charge, to any person obtaining a copy",
            { $0.contains(ascii: "the above copyright notice and this permission notice") ? "MIT" : "MIT-0" }
        ),
        ("licensed under the mit license", { _ in "MIT" }),
        (
            "apache license, version 2.0",
            {
                $0.contains(ascii: "runtime library exception")
                    ? "Apache-2.0 WITH Swift-exception" : "Apache-2.0"
            }
        ),
        (
            "apache license version 2.0",
            {
                $0.contains(ascii: "runtime library exception")
                    ? "Apache-2.0 WITH Swift-exception" : "Apache-2.0"
            }
        ),
        ("licensed under the apache license 2.0", { _ in "Apache-2.0" }),
        (
            "redistribution and use in source and binary forms, with or without modification, are permitted",
            { text in
                if text.contains(ascii: "all advertising materials mentioning") { return "BSD-4-Clause" }
                return text.contains(ascii: "neither the name")
                    || text.contains(ascii: "names of its contributors")
                    || text.contains(ascii: "the name of the author may not be used")
                    ? "BSD-3-Clause" : "BSD-2-Clause"
            }
        ),
        ("gnu lesser general public license", { "LGPL-" + version(of: $0, among: ["3", "2.1"]) }),
        ("gnu library general public license", { _ in "LGPL-2.0" }),
        ("gnu affero general public license", { _ in "AGPL-3.0" }),
        ("gnu general public license", { "GPL-" + version(of: $0, among: ["3", "2"]) }),
        ("mozilla public license version 2.0", { _ in "MPL-2.0" }),
        ("mozilla public license, v. 2.0", { _ in "MPL-2.0" }),
        (
            "permission to use, copy, modify, and or distribute this software for any purpose with or without fee",
            { $0.contains(ascii: "provided that the above copyright notice") ? "ISC" : "0BSD" }
        ),
        (
            "permission to use, copy, modify, and distribute this software for any purpose with or without fee",
            { _ in "ISC" }
        ),
        ("this is free and unencumbered software released into the public domain", { _ in "Unlicense" }),
        ("cc0 1.0 universal", { _ in "CC0-1.0" }),
        ("creative commons attribution 4.0 international", { _ in "CC-BY-4.0" }),
        ("attribution-sharealike 4.0 international", { _ in "CC-BY-SA-4.0" }),
        ("eclipse public license - v 2.0", { _ in "EPL-2.0" }),
        ("eclipse public license - v 1.0", { _ in "EPL-1.0" }),
        ("python software foundation license version 2", { _ in "PSF-2.0" }),
        ("boost software license - version 1.0", { _ in "BSL-1.0" }),
        ("altered source versions must be plainly marked as such", { _ in "Zlib" }),
        ("do what the fuck you want to public license", { _ in "WTFPL" }),
        ("the artistic license 2.0", { _ in "Artistic-2.0" }),
        ("european union public licence v. 1.2", { _ in "EUPL-1.2" }),
        ("sil open font license version 1.1", { _ in "OFL-1.1" }),
    ]

    private static func version(of text: String, among versions: [String]) -> String {
        for version in versions where text.contains(ascii: "version \(version)") {
            return version.contains(".") ? version : version + ".0"
        }
        return versions.last.map { $0.contains(".") ? $0 : $0 + ".0" } ?? ""
    }
}
