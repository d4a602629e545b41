// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "SupportTickets",
    platforms: [.macOS(.v15)],
    // Outside this repository: .package(url: …, from: …), and the platform that suits you.
    dependencies: [.package(name: "hone", path: "../../..")],
    targets: [
        .executableTarget(
            name: "SupportTickets",
            dependencies: [
                .product(name: "LanguageModel", package: "hone"),
                .product(name: "NeuralCore", package: "hone"),
            ])
    ]
)
