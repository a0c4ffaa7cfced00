// swift-tools-version: 6.2

import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]
// Targets that read untrusted bytes.
let readers: [Target.Dependency] = [
  "Basics", "Dashboard", "Evaluations", "Media", "OmniModel", "RemoteEngine", "Reports", "Runs",
  "Selection", "Sessions", "SyntheticWorld", "Traces",
  "Terminal", "UserConfiguration",
]

let package = Package(
  name: "seats-top",
  dependencies: [
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
  ],
  targets: [
    .target(name: "Basics", dependencies: ["TOMLKit"], swiftSettings: strict),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .target(
      name: "CKernels",
      cSettings: [.treatAllWarnings(as: .error), .define("NDEBUG")]),
    .target(name: "Tensors", dependencies: ["CKernels", "COpenBLAS"], swiftSettings: strict),
    .target(name: "Selection", dependencies: ["Basics", "Tensors"], swiftSettings: strict),
    .target(
      name: "OmniModel",
      dependencies: [
        "Basics", "Selection", "Tensors",
        .product(name: "HeapModule", package: "swift-collections"),
      ], swiftSettings: strict),
    .target(
      name: "Media", dependencies: ["Basics", "CToolProcess"],
      swiftSettings: strict),
    .target(
      name: "RemoteEngine",
      dependencies: ["Basics", "CToolProcess", "OmniModel", "Selection", "Tensors"],
      swiftSettings: strict),
    .target(name: "CToolProcess", cSettings: [.treatAllWarnings(as: .error)]),
    .target(
      name: "Runs", dependencies: ["Basics", "Media", "OmniModel", "Selection", "Tensors"],
      swiftSettings: strict),
    .target(
      name: "Reports", dependencies: ["Basics", "Media", "OmniModel", "Runs", "Selection"],
      swiftSettings: strict),
    .target(
      name: "Evaluations",
      dependencies: [
        "Basics", "Media", "OmniModel", "Reports", "Runs", "Selection", "SyntheticWorld", "Tensors",
      ],
      swiftSettings: strict),
    .target(
      name: "Sessions",
      dependencies: [
        "Basics", "Evaluations", "Media", "OmniModel", "Reports", "Runs", "Selection",
      ],
      swiftSettings: strict),
    .target(
      name: "Traces",
      dependencies: ["Basics", "Media", "OmniModel", "Reports", "Runs", "Selection", "Sessions"],
      swiftSettings: strict),
    .target(
      name: "CCurses",
      cSettings: [.treatAllWarnings(as: .error)],
      linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
    .target(
      name: "Terminal", dependencies: ["Basics", "CCurses"],
      swiftSettings: strict),
    .target(
      name: "Dashboard",
      dependencies: [
        "Basics", "Evaluations", "Media", "Reports", "Runs", "Selection", "Sessions", "Terminal",
      ],
      swiftSettings: strict),
    .target(
      name: "UserConfiguration",
      dependencies: ["Basics", "Dashboard", "Media", "Runs", "Selection", "Terminal"],
      swiftSettings: strict),
    .executableTarget(
      name: "seats-top",
      dependencies: [
        "Basics", "Dashboard", "Evaluations", "Media", "OmniModel", "RemoteEngine", "Reports",
        "Runs", "Selection",
        "Sessions", "SyntheticWorld", "Traces",
        "Tensors", "Terminal", "UserConfiguration",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),
    .target(name: "SyntheticWorld", dependencies: ["Basics"], swiftSettings: strict),
    .executableTarget(
      name: "seats-top-bench",
      dependencies: ["Basics", "Dashboard", "Runs", "Selection", "Tensors", "Terminal"],
      swiftSettings: strict),
    .executableTarget(
      name: "engine-bench",
      dependencies: ["Basics", "OmniModel", "Runs", "Selection", "Sessions", "Tensors"],
      swiftSettings: strict),
    .target(
      name: "TestSupport", dependencies: ["CMutexWitness"], path: "Tests/TestSupport",
      swiftSettings: strict),
    .target(
      name: "SessionSupport", dependencies: ["OmniModel", "Runs", "Selection", "Sessions"],
      path: "Tests/SessionSupport", swiftSettings: strict),
    .target(name: "CMutexWitness", path: "Tests/CMutexWitness"),
    .testTarget(
      name: "SelectionTests", dependencies: ["Basics", "Selection", "Tensors", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "MediaTests",
      dependencies: [
        "Basics", "Media", "TestSupport",
        .product(name: "Subprocess", package: "swift-subprocess"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "OmniModelTests", dependencies: ["Basics", "OmniModel", "Selection", "TestSupport"],
      swiftSettings: strict),
    .executableTarget(
      name: "scripted-engine",
      dependencies: ["Basics", "OmniModel", "RemoteEngine", "Selection", "Tensors"],
      path: "Tests/ScriptedEngine", swiftSettings: strict),
    .testTarget(
      name: "RemoteEngineTests",
      dependencies: [
        "Basics", "OmniModel", "RemoteEngine", "Selection", "Tensors", "TestSupport",
        "scripted-engine",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "BasicsTests",
      dependencies: ["Basics", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "RunsTests",
      dependencies: ["Basics", "Media", "OmniModel", "Runs", "Selection", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "EvaluationsTests",
      dependencies: [
        "Basics", "Evaluations", "Media", "OmniModel", "Reports", "Runs", "Selection",
        "SessionSupport", "Sessions",
        "Tensors",
        "TestSupport", "Traces",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "SessionsTests",
      dependencies: [
        "Basics", "Media", "OmniModel", "Runs", "Selection", "SessionSupport", "Sessions",
        "TestSupport", "Traces",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "TracesTests",
      dependencies: [
        "Basics", "Media", "OmniModel", "Reports", "Runs", "Selection", "SessionSupport",
        "Sessions",
        "TestSupport", "Traces",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "SyntheticWorldTests", dependencies: ["SyntheticWorld"],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
      name: "TerminalTests", dependencies: ["Basics", "CCurses", "Terminal"], swiftSettings: strict),
    .testTarget(
      name: "DashboardTests",
      dependencies: [
        "Basics", "Dashboard", "Evaluations", "Media", "Reports", "Runs", "Selection", "Sessions",
        "Terminal", "Traces",
      ],
      exclude: ["Snapshots"], swiftSettings: strict),
    .testTarget(
      name: "EditTests",
      dependencies: [
        "Dashboard", "OmniModel", "Reports", "Runs", "Selection", "Sessions", "Tensors", "Terminal",
        "TestSupport", "Traces",
      ], swiftSettings: strict),
    .testTarget(
      name: "FuzzTests", dependencies: readers + ["Tensors", "TestSupport"],
      exclude: ["Cases", "Driver"], swiftSettings: strict),
    .testTarget(
      name: "TensorsTests", dependencies: ["CKernels", "Tensors"], swiftSettings: strict),
    .testTarget(
      name: "ProgramTests",
      dependencies: [
        "Selection", "TestSupport", "seats-top",
        .product(name: "Subprocess", package: "swift-subprocess"),
      ], exclude: ["GoldenBytes"], swiftSettings: strict),
  ]
)

// `make fuzz` builds the same readers into a fuzzer instead: it needs every target compiled for it.
if Context.environment["SEATS_TOP_FUZZ"] != nil {
  package.targets.removeAll { $0.name == "FuzzTests" }
  package.targets += [
    .target(name: "CAllocationMeter", path: "Tests/CAllocationMeter"),
    .executableTarget(
      name: "seats-top-fuzz",
      dependencies: readers + ["CAllocationMeter", "Tensors", "TestSupport"],
      path: "Tests/FuzzTests", exclude: ["Cases", "CaseTests.swift"], swiftSettings: strict),
  ]
}
