/// Prose that quality rules let through, another for every number.
public func story(_ number: Int, words: Int = 120) -> String {
    let nouns = [
        "river", "lantern", "baker", "garden", "teacher", "window", "mountain", "letter", "bridge", "harbor",
    ]
    let verbs = [
        "carried", "watched", "painted", "followed", "answered", "repaired", "remembered", "crossed",
    ]
    let small = ["the", "and", "of", "with", "to", "that"]
    var state = UInt64(number) &* 0x9e37_79b9_7f4a_7c15 &+ 1
    func next(_ count: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(count))
    }
    var text = "Story number \(number) tells."
    for index in 0..<words / 4 {
        text += index % 6 == 5 ? "\n\nThen " : " "
        text +=
            "\(small[next(6)]) \(nouns[next(10)])\(next(40)) \(verbs[next(8)]) \(nouns[next(10)])\(next(40))."
    }
    return text
}
