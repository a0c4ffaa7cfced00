import Testing

@testable import Tensors

@Suite(.serialized) struct `Peak of a core` {
  @Test(arguments: Precision.allCases)
  func `counted and executed multiply-adds are equal`(_ precision: Precision) {
    onEveryPath {
      let count = PeakProbe.count(precision, rounds: 3)
      #expect(count.written == count.executed)
    }
  }

  @Test func `the portable path has no peak, every other has one`() {
    onEveryPath {
      for precision in [Precision.bfloat16, .int8] {
        let isPortable = ProductPath(precision) == .portable
        #expect((PeakProbe.count(precision, rounds: 1).written == 0) == isPortable)
        #expect(precision.isFast == !isPortable)
      }
    }
  }
}
