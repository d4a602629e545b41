import Foundation

/// Text in Unicode normalization form C: letters and their marks composed where a composed character exists.
///
/// - SeeAlso: Unicode Standard Annex 15.
package func canonicallyComposed(_ text: String) -> String {
    var text = text.precomposedStringWithCanonicalMapping
    text.makeContiguousUTF8()
    return text
}
