import Foundation
import Testing

@testable import Tensors

/// What packed weights are recognised by.
@Suite struct `Checksums of bytes` {
  private func checksum(_ bytes: [UInt8]) -> UInt64? { bytes.withUnsafeBytes { Checksum.of($0) } }

  private let noise = (0..<3_000_001).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 11) }

  @Test func `a changed, missing or added byte changes the checksum`() {
    let sum = checksum(noise)
    for place in [0, 1, 511, 512, 1 << 20, 2_999_999, 3_000_000] {
      for bit in [0, 7] {
        var other = noise
        other[place] ^= 1 << bit
        #expect(checksum(other) != sum, "bit \(bit) of byte \(place)")
      }
    }
    #expect(checksum(Array(noise.dropLast())) != sum)
    #expect(checksum(noise + [0]) != sum)
    var swapped = noise
    swapped.swapAt(100, 100 + 512)
    #expect(checksum(swapped) != sum)
    #expect(checksum([]) != checksum([0]))
  }

  @Test func `two flipped sign bits change the checksum`() {
    var other = noise
    for place in stride(from: 3, to: 8 * 512, by: 512) { other[place] ^= 0x80 }
    #expect(checksum(other) != checksum(noise))
  }

  @Test func `checksums do not depend on the number of threads`() {
    let sums = [1, 2, 5].map { threads in
      ProductThreads.use(threads)
      return checksum(noise)
    }
    #expect(sums.allSatisfy { $0 == sums[0] && $0 != nil })
  }

  @Test func `a cancelled checksum returns nil`() {
    let stop: @Sendable () -> Bool = { true }
    #expect(ProductThreads.stopping(when: stop) { checksum(noise) } == nil)
  }
}
