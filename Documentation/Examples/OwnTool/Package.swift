// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "OwnTool",
    platforms: [.macOS(.v15)],
    // Outside this repository: .package(url: …, from: …), and the platform that suits you.
    dependencies: [.package(name: "hone", path: "../../..")],
    targets: [
        .executableTarget(
            name: "OwnTool",
            dependencies: [
                .product(name: "Alignment", package: "hone"),
                .product(name: "LanguageModel", package: "hone"),
                .product(name: "NeuralCore", package: "hone"),
            ])
    ]
)
