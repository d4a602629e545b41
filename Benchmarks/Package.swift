// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "hone-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "hone", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    ],
    targets: [
        .target(name: "CPeak"),
        .executableTarget(
            name: "hone-benchmarks",
            dependencies: [
                "CPeak",
                .product(name: "CKernels", package: "hone"),
                .product(name: "Alignment", package: "hone"),
                .product(name: "LanguageModel", package: "hone"),
                .product(name: "NeuralCore", package: "hone"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu11
)
