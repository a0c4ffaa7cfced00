import Foundation

/// How pixels and sound are prepared: `preprocessor_config.json`, and the published defaults for
/// what it does not say.
struct PreprocessorConfiguration: Sendable {
  let mean, deviation: [Float]
  /// Pixel bounds of an image, after resizing.
  let imagePixels: PixelBounds
  /// Longest audio that is listened to, in seconds.
  let audioSeconds: Int

  /// Pixel bounds the published processor gives video frames, whatever the checkpoint says.
  static func videoPixels(factor: Int) -> PixelBounds {
    PixelBounds(least: 128 * factor * factor, most: 768 * factor * factor)
  }

  init(directory: String) throws(CheckpointError) {
    let path = directory + "/preprocessor_config.json"
    let file = try JSONFile.ifPresent(path)?.decode(PreprocessorFile.self)
    mean = (file?.image_mean ?? [0.48145466, 0.4578275, 0.40821073]).map { Float($0) }
    deviation = (file?.image_std ?? [0.26862954, 0.26130258, 0.27577711]).map { Float($0) }
    let check = Check(path: path)
    guard mean.count == 3, deviation.count == 3, deviation.allSatisfy({ $0 > 0 }) else {
      throw check.wrong("image_mean, image_std", "\(mean), \(deviation)", "three numbers each")
    }
    let bounds = PixelBounds(
      least: file?.min_pixels ?? file?.size?.shortest_edge ?? 3136,
      most: file?.max_pixels ?? file?.size?.longest_edge ?? 12_845_056)
    guard bounds.least >= 0, bounds.most >= max(1, bounds.least) else {
      throw check.wrong("min_pixels, max_pixels", bounds, "0 ≤ min_pixels ≤ max_pixels")
    }
    imagePixels = bounds
    audioSeconds = try check.positive(file?.chunk_length ?? 300, "chunk_length", limit: 86_400)
  }
}

/// The least and the most pixels that a resized frame may have.
public struct PixelBounds: Sendable, Equatable {
  public let least, most: Int

  public init(least: Int, most: Int) {
    self.least = least
    self.most = most
  }
}
