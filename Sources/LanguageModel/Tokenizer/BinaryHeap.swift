/// A binary heap: what precedes all else is on top.
///
/// Each call is given the order, so that it may depend on values that the heap does not own.
struct BinaryHeap<Element: Sendable>: Sendable {
    private var elements: ContiguousArray<Element> = []

    /// Takes everything out.
    mutating func removeAll() { elements.removeAll(keepingCapacity: true) }

    /// Adds an element without keeping the order; `order(by:)` must follow.
    mutating func append(_ element: Element) { elements.append(element) }

    /// Puts everything in order.
    @inline(__always)
    mutating func order(by precedes: (Element, Element) -> Bool) {
        for index in stride(from: elements.count / 2 - 1, through: 0, by: -1) {
            sink(elements[index], to: index, by: precedes)
        }
    }

    /// Adds an element.
    @inline(__always)
    mutating func insert(_ element: Element, by precedes: (Element, Element) -> Bool) {
        elements.append(element)
        elements.withUnsafeMutableBufferPointer { elements in
            var index = elements.count - 1
            while index > 0, precedes(element, elements[(index - 1) / 2]) {
                elements[index] = elements[(index - 1) / 2]
                index = (index - 1) / 2
            }
            elements[index] = element
        }
    }

    /// Takes out the first element.
    @inline(__always)
    mutating func pop(by precedes: (Element, Element) -> Bool) -> Element? {
        guard let top = elements.first, let last = elements.popLast() else { return nil }
        if !elements.isEmpty { sink(last, to: 0, by: precedes) }
        return top
    }

    /// Puts an element at a place or below it.
    @inline(__always)
    private mutating func sink(_ element: Element, to place: Int, by precedes: (Element, Element) -> Bool) {
        elements.withUnsafeMutableBufferPointer { elements in
            var index = place
            while 2 * index + 1 < elements.count {
                var child = 2 * index + 1
                if child + 1 < elements.count, precedes(elements[child + 1], elements[child]) { child += 1 }
                if !precedes(elements[child], element) { break }
                elements[index] = elements[child]
                index = child
            }
            elements[index] = element
        }
    }
}
