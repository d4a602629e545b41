#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The logarithm to the base two.
func logarithm2(_ x: Double) -> Double { log2(x) }
