// swift-tools-version: 6.2
import PackageDescription

/// The name of the folder around this one, as SwiftPM makes it the name of the package that is fuzzed.
///
/// Its readers are not public; they are visible to a module that gives the same name.
let fuzzed = String(
    Context.packageDirectory.split(separator: "/").dropLast().last.map(String.init)?.lowercased()
        .map { $0.isLetter || $0.isNumber ? $0 : "_" } ?? [])

let package = Package(
    name: "hone-fuzzing",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "hone", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    ],
    targets: [
        .executableTarget(
            name: "hone-fuzz",
            dependencies: [
                .product(name: "Alignment", package: "hone"),
                .product(name: "LanguageModel", package: "hone"),
                .product(name: "NeuralCore", package: "hone"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            packageAccess: false,
            swiftSettings: [.unsafeFlags(["-package-name", fuzzed])])
    ],
    swiftLanguageModes: [.v6]
)
