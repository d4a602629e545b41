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
        .library(name: "LanguageModel", targets: ["LanguageModel", "TextCorpus"]),
        .library(name: "Alignment", targets: ["Alignment", "Conversations", "Behavior"]),
        .library(name: "Serving", targets: ["Serving"]),
        .executable(name: "hone", targets: ["hone"]),
    ],
    traits: [
        .trait(name: "Server", description: "`hone serve` and `hone feedback`: an HTTP server and SQLite."),
        .trait(name: "MPI", description: "Training on several machines, with MPI."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // Of the trait Server only.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.24.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .systemLibrary(
            name: "COpenBLAS", pkgConfig: "openblas",
            providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
        .systemLibrary(
            name: "CZlib", pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(name: "CSpawn"),
        // Of the trait MPI only. MPICH does as well, where its header and library are found without pkg-config.
        .systemLibrary(
            name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"]), .brew(["open-mpi"])]),
        .target(
            name: "CKernels", dependencies: ["COpenBLAS"],
            cSettings: [
                // A debug build without optimization would make every kernel some thirty times slower.
                .unsafeFlags(["-O2"], .when(configuration: .debug)),
                .treatAllWarnings(as: .error),
            ]),
        .target(name: "Formatting", swiftSettings: swiftSettings),
        .target(name: "Files", swiftSettings: swiftSettings),
        .target(name: "JSON", swiftSettings: swiftSettings),
        .target(name: "Tables", dependencies: ["Files", "JSON", "CZlib"], swiftSettings: swiftSettings),
        .target(
            name: "NeuralCore",
            dependencies: [
                "CKernels", "Files", "JSON", "Formatting",
                .target(name: "CMPI", condition: .when(traits: ["MPI"])),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "TextCorpus",
            dependencies: ["NeuralCore", "Tables", "Files", "JSON", "Formatting"],
            swiftSettings: swiftSettings),
        .target(
            name: "LanguageModel",
            dependencies: ["TextCorpus", "NeuralCore", "Files", "JSON"], swiftSettings: swiftSettings),
        .target(
            name: "Serving", dependencies: ["LanguageModel", "NeuralCore"], swiftSettings: swiftSettings),
        .target(
            name: "Conversations",
            dependencies: [
                "LanguageModel", "TextCorpus", "NeuralCore", "Tables", "Files", "JSON", "Formatting",
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "Behavior",
            dependencies: ["Conversations", "LanguageModel", "NeuralCore", "Files", "JSON", "Formatting"],
            swiftSettings: swiftSettings),
        .target(
            name: "Alignment",
            dependencies: [
                "Behavior", "Conversations", "LanguageModel", "NeuralCore", "Files", "JSON", "Formatting",
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "Feedback",
            dependencies: [
                "NeuralCore", "JSON",
                .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["Server"])),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "Pages",
            resources: [
                .embedInCode("Files/chat.html"), .embedInCode("Files/compare.html"),
                .embedInCode("Files/results.html"), .embedInCode("Files/style.css"),
                .embedInCode("Files/common.js"), .embedInCode("Files/markdown.js"),
                .embedInCode("Files/chat.js"), .embedInCode("Files/doubt.js"),
                .embedInCode("Files/tree.js"), .embedInCode("Files/compare.js"),
                .embedInCode("Files/results.js"),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "HTTPServing",
            dependencies: [
                "Feedback", "Pages",
                "Serving", "Alignment", "Conversations", "LanguageModel", "NeuralCore", "JSON",
                .product(name: "Hummingbird", package: "hummingbird", condition: .when(traits: ["Server"])),
                .product(
                    name: "HummingbirdCore", package: "hummingbird", condition: .when(traits: ["Server"])),
                .product(
                    name: "HTTPTypes", package: "swift-http-types", condition: .when(traits: ["Server"])),
                .product(name: "Logging", package: "swift-log", condition: .when(traits: ["Server"])),
                .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["Server"])),
                .product(
                    name: "NIOHTTPTypes", package: "swift-nio-extras", condition: .when(traits: ["Server"])),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "BuiltInWorld", dependencies: ["Files", "JSON", "Formatting"], swiftSettings: swiftSettings),
        .target(
            name: "Reports", dependencies: ["Files", "JSON", "Formatting"], swiftSettings: swiftSettings),
        .executableTarget(
            name: "hone",
            dependencies: [
                "Alignment", "Behavior", "Conversations", "LanguageModel", "TextCorpus", "NeuralCore",
                "BuiltInWorld", "Feedback", "Reports", "Files", "JSON", "Formatting", "CSpawn",
                .target(name: "HTTPServing", condition: .when(traits: ["Server"])),
                .target(name: "Serving", condition: .when(traits: ["Server"])),
                .product(name: "Logging", package: "swift-log", condition: .when(traits: ["Server"])),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: swiftSettings),

        .target(
            name: "TestSupport", dependencies: ["NeuralCore"], path: "Tests/TestSupport",
            swiftSettings: swiftSettings),
        .testTarget(
            name: "FilesTests", dependencies: ["Files", "TestSupport"], swiftSettings: swiftSettings),
        .testTarget(
            name: "FormattingTests", dependencies: ["Formatting"], swiftSettings: swiftSettings),
        .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: swiftSettings),
        .testTarget(
            name: "TablesTests", dependencies: ["Tables", "Files", "JSON", "TestSupport"],
            exclude: ["Fixtures"], swiftSettings: swiftSettings),
        .testTarget(
            name: "CKernelsTests", dependencies: ["CKernels"],
            exclude: ["Fixtures"], swiftSettings: swiftSettings),
        .testTarget(
            name: "NeuralCoreTests", dependencies: ["NeuralCore", "CKernels", "JSON", "TestSupport"],
            exclude: ["Fixtures"], swiftSettings: swiftSettings),
        .testTarget(
            name: "TextCorpusTests", dependencies: ["TextCorpus", "NeuralCore", "Tables", "TestSupport"],
            exclude: ["Fixtures"], swiftSettings: swiftSettings),
        .testTarget(
            name: "LanguageModelTests",
            dependencies: ["LanguageModel", "TextCorpus", "NeuralCore", "TestSupport"],
            exclude: ["Fixtures"], swiftSettings: swiftSettings),
        .testTarget(
            name: "ConversationsTests",
            dependencies: ["Conversations", "LanguageModel", "NeuralCore", "JSON", "TestSupport"],
            exclude: ["Fixtures"], swiftSettings: swiftSettings),
        .testTarget(
            name: "BehaviorTests",
            dependencies: ["Behavior", "Conversations", "LanguageModel", "NeuralCore", "TestSupport"],
            exclude: ["Fixtures"], swiftSettings: swiftSettings),
        .testTarget(
            name: "AlignmentTests",
            dependencies: [
                "Alignment", "Behavior", "Conversations", "LanguageModel", "NeuralCore", "JSON",
                "TestSupport",
            ],
            exclude: ["Fixtures"], swiftSettings: swiftSettings),
        .testTarget(
            name: "ServingTests", dependencies: ["Serving", "LanguageModel", "NeuralCore", "TestSupport"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "FeedbackTests", dependencies: ["Feedback", "JSON", "TestSupport"],
            exclude: ["Fixtures"], swiftSettings: swiftSettings),
        .testTarget(
            name: "HTTPServingTests",
            dependencies: [
                "HTTPServing", "Feedback", "Pages", "Serving", "Alignment", "LanguageModel", "NeuralCore",
                "JSON",
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "ReportsTests", dependencies: ["Reports", "Files", "Formatting"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "HoneTests", dependencies: ["BuiltInWorld", "hone", "TestSupport"],
            swiftSettings: swiftSettings),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu11
)
