import Foundation
import TestSupport
import Testing

@testable import Basics
@testable import Evaluations

/// JSON with its order, and documents as Python writes and hashes them.
@Suite struct `Ordered JSON` {
  private struct Golden: Decodable {
    struct Case: Decodable {
      let text, dump, line, hash: String
    }
    let cases: [Case]
  }

  @Test func `ordered JSON is written and hashed like Python's`() throws {
    let file = Fixtures.golden.deletingLastPathComponent()
      .appending(path: "evaluation/documents.json")
    let cases = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file)).cases
    #expect(cases.count == 3)
    for each in cases {
      let value = try #require(OrderedJSON(fromOutside: Data(each.text.utf8)))
      #expect(value.pythonText == each.dump)
      #expect(value.pythonLine == each.line)
      #expect(TaskFile.hash(value) == each.hash)
    }
  }

  @Test func `SHA-256 digests equal the standard's examples`() {
    // FIPS 180-4's own examples, and lengths around the ends of blocks.
    #expect(
      SHA256.hexadecimal(of: "abc")
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      SHA256.hexadecimal(of: "")
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      SHA256.hexadecimal(of: "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    #expect(
      SHA256.hexadecimal(of: String(repeating: "a", count: 64))
        == "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb")
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":}", "{\"a\" 1}", "01", "1.", "+1", "nul", "\"\u{1}\"", "\"\\x\"",
    "[1] 2",
    "{a:1}", "'a'", String(repeating: "[", count: 101) + String(repeating: "]", count: 101),
  ])
  func `invalid JSON text parses to nil`(_ text: String) {
    #expect(OrderedJSON(fromOutside: Data(text.utf8)) == nil)
  }

  @Test func `NaN and Infinity as Python writes them are read`() {
    let value = OrderedJSON(fromOutside: Data(#"[NaN, -Infinity, 1]"#.utf8))
    #expect(value == .array([.number("NaN"), .number("-Infinity"), .number("1")]))
    #expect(value?.pythonLine == "[NaN, -Infinity, 1]")
  }
}
