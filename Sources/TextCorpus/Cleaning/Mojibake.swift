/// Text in which UTF-8 that had been read as Windows-1252 (`cafÃ©`, `itâ€™s`) is put right, and how many
/// characters were.
///
/// Characters are replaced when their bytes in Windows-1252 are a well-formed character of UTF-8. One pair of
/// letters can be meant as it stands; so the text must have three such places, or one that stands for a
/// character of three bytes or more. Damage that was done twice or three times over is undone as often. A
/// closing quotation mark often has lost its last byte, which Windows-1252 leaves unassigned; it is known by
/// the first two, `â€`.
///
/// The idea of undoing the steps that did the damage is that of ftfy (Speer 2019); the rules are our own, and
/// fewer.
func repairedMojibake(_ text: String) -> (text: String, repairs: Int) {
    var text = text
    var repairs = 0
    for _ in 0..<3 {
        guard let (better, count) = repairedOnce(text) else { break }
        text = better
        repairs = max(repairs, count)
    }
    return (text, repairs)
}

private func repairedOnce(_ text: String) -> (String, Int)? {
    var out: [UInt8] = []
    out.reserveCapacity(text.utf8.count)
    var run: [UInt8] = []  // characters that follow each other, by their bytes in Windows-1252 or Latin-1
    var scalars: [Unicode.Scalar] = []  // the same as they are
    var places = 0
    var isCertain = false

    func endRun() {
        guard !run.isEmpty else { return }
        run.withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                let (length, isValid) = UTF8Scan.sequence(bytes, at: index)
                let hasLostByte = !isValid && bytes[index...].elementsEqual([0xe2, 0x80])
                if isValid || hasLostByte {
                    out.append(contentsOf: bytes[index..<index + length])
                    if hasLostByte { out.append(0x9d) }
                    places += 1
                    if length > 2 || hasLostByte { isCertain = true }
                    index += length
                } else {
                    out.append(contentsOf: UTF8.encode(scalars[index])!)
                    index += 1
                }
            }
        }
        run.removeAll(keepingCapacity: true)
        scalars.removeAll(keepingCapacity: true)
    }

    for scalar in text.unicodeScalars {
        if scalar.value < 0x80 {
            endRun()
            out.append(UInt8(scalar.value))
        } else if let byte = Windows1252.byte(scalar.value) {
            run.append(byte)
            scalars.append(scalar)
        } else {
            endRun()
            out.append(contentsOf: UTF8.encode(scalar)!)
        }
    }
    endRun()
    guard places >= 3 || isCertain else { return nil }
    return (String(decoding: out, as: UTF8.self), places)
}
