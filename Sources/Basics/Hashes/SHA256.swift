/// The SHA-256 hash (FIPS 180-4), for digests in files of other programs.
public enum SHA256 {
  /// The SHA-256 digest of a text as 64 hexadecimal digits.
  public static func hexadecimal(of text: String) -> String {
    digest(Array(text.utf8)).map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  /// The eight 32-bit words of the SHA-256 digest.
  private static func digest(_ bytes: [UInt8]) -> [UInt32] {
    var padded = bytes + [0x80]
    padded += [UInt8](repeating: 0, count: (120 - padded.count % 64) % 64)
    padded += (0..<8).map { UInt8(truncatingIfNeeded: (bytes.count * 8) >> (56 - 8 * $0)) }
    var state = initial
    var words = [UInt32](repeating: 0, count: 64)
    for start in stride(from: 0, to: padded.count, by: 64) {
      for index in 0..<16 {
        let place = start + 4 * index
        words[index] =
          UInt32(padded[place]) << 24 | UInt32(padded[place + 1]) << 16
          | UInt32(padded[place + 2]) << 8 | UInt32(padded[place + 3])
      }
      mix(&words, into: &state)
    }
    return state
  }

  /// Processes one block of SHA-256: the message schedule, then 64 rounds (FIPS 180-4, 6.2.2).
  private static func mix(_ words: inout [UInt32], into state: inout [UInt32]) {
    for index in 16..<64 {
      let (early, late) = (words[index - 15], words[index - 2])
      let first = turned(early, 7) ^ turned(early, 18) ^ early >> 3
      let second = turned(late, 17) ^ turned(late, 19) ^ late >> 10
      words[index] = words[index - 16] &+ first &+ words[index - 7] &+ second
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for index in 0..<64 {
      let sum = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)
      let one = h &+ sum &+ ((e & f) ^ (~e & g)) &+ constants[index] &+ words[index]
      let two = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) &+ ((a & b) ^ (a & c) ^ (b & c))
      (h, g, f, e, d, c, b, a) = (g, f, e, d &+ one, c, b, a, one &+ two)
    }
    for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
  }

  private static func turned(_ word: UInt32, _ bits: UInt32) -> UInt32 {
    word >> bits | word << (32 - bits)
  }

  private static let primes: [Int] = {
    var primes: [Int] = []
    var candidate = 2
    while primes.count < 64 {
      if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
      candidate += 1
    }
    return primes
  }()

  /// Initial hash values: the first 32 fractional bits of √p of the first eight primes.
  private static let initial: [UInt32] = primes.prefix(8).map { fraction(of: $0, power: 2) }
  /// Round constants: the first 32 fractional bits of ∛p of the first 64 primes.
  private static let constants: [UInt32] = primes.map { fraction(of: $0, power: 3) }

  /// The first 32 fractional bits of a prime's root: the largest r with r^power ≤ p·2^(32·power).
  private static func fraction(of prime: Int, power: Int) -> UInt32 {
    var root: UInt64 = 0
    for bit in (0..<36).reversed() {
      let next = root | 1 << UInt64(bit)
      if isAtMost(next, power, prime) { root = next }
    }
    return UInt32(truncatingIfNeeded: root)
  }

  /// Whether root^power ≤ prime·2^(32·power), in exact arithmetic.
  private static func isAtMost(_ root: UInt64, _ power: Int, _ prime: Int) -> Bool {
    // The root has at most 36 bits: its square has 72, its cube 108.
    let square = root.multipliedFullWidth(by: root)
    let whole = UInt128(square.high) << 64 | UInt128(square.low)
    let raised = power == 2 ? whole : whole * UInt128(root)
    return raised <= UInt128(prime) << UInt128(32 * power)
  }
}
