// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is held to the same rules: each file imports what it uses, and a warning is an error.
let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "hone",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "CKernels", targets: ["CKernels"]),
        .library(name: "NeuralCore", targets: ["NeuralCore"]),
        .library(name: "LanguageModel", targets: ["LanguageModel"]),
        .library(name: "Alignment", targets: ["Alignment"]),
        .executable(name: "hone", targets: ["hone"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
    ],
    targets: [
        .systemLibrary(
            name: "COpenBLAS", pkgConfig: "openblas",
            providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
        .systemLibrary(
            name: "CZlib", pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .target(
            name: "CKernels", dependencies: ["COpenBLAS"],
            cSettings: [
                // A debug build without optimization would make every kernel some thirty times slower.
                .unsafeFlags(["-O2"], .when(configuration: .debug)),
                .treatAllWarnings(as: .error),
            ]),
        .target(name: "Files", swiftSettings: swiftSettings),
        .target(name: "JSON", swiftSettings: swiftSettings),
        .target(
            name: "NeuralCore", dependencies: ["CKernels", "Files", "JSON"], swiftSettings: swiftSettings),
        .target(
            name: "LanguageModel",
            dependencies: ["NeuralCore", "Files", "JSON", "CZlib"], swiftSettings: swiftSettings),
        .target(
            name: "Alignment", dependencies: ["LanguageModel", "NeuralCore", "Files", "JSON"],
            swiftSettings: swiftSettings),
        .target(name: "BuiltInWorld", dependencies: ["Files", "JSON"], swiftSettings: swiftSettings),
        .target(name: "Reports", dependencies: ["JSON"], swiftSettings: swiftSettings),
        .executableTarget(
            name: "hone",
            dependencies: [
                "Alignment", "LanguageModel", "NeuralCore", "BuiltInWorld", "Reports", "Files", "JSON",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings),

        .testTarget(name: "FilesTests", dependencies: ["Files"], swiftSettings: swiftSettings),
        .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: swiftSettings),
        .testTarget(
            name: "CKernelsTests", dependencies: ["CKernels"],
            exclude: ["Fixtures"], swiftSettings: swiftSettings),
        .testTarget(
            name: "NeuralCoreTests", dependencies: ["NeuralCore", "CKernels"],
            exclude: ["Fixtures"], swiftSettings: swiftSettings),
        .testTarget(
            name: "LanguageModelTests", dependencies: ["LanguageModel", "NeuralCore"],
            exclude: ["Fixtures"], swiftSettings: swiftSettings),
        .testTarget(
            name: "AlignmentTests", dependencies: ["Alignment", "LanguageModel", "NeuralCore"],
            exclude: ["Fixtures"], swiftSettings: swiftSettings),
        .testTarget(
            name: "ReportsTests", dependencies: ["Reports"], swiftSettings: swiftSettings),
        .testTarget(
            name: "HoneTests", dependencies: ["BuiltInWorld", "hone"], swiftSettings: swiftSettings),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu11
)
