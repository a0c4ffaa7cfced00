import Testing

@testable import Tensors

@Suite(.serialized) struct `Peak speed of a core` {
  @Test(arguments: Precision.allCases)
  func `the peak test counts exactly the multiply-adds it executes`(_ precision: Precision) {
    onEveryPath {
      let count = PeakProbe.count(precision, rounds: 3)
      #expect(count.written == count.executed)
    }
  }

  @Test func `every instruction set but the portable one has a peak FLOP/s`() {
    onEveryPath {
      for precision in [Precision.bfloat16, .int8] {
        let isPortable = ProductPath(precision) == .portable
        #expect((PeakProbe.count(precision, rounds: 1).written == 0) == isPortable)
        #expect(precision.isFast == !isPortable)
      }
    }
  }
}
