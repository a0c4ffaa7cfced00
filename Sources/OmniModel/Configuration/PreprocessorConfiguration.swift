import Foundation

/// How pixels and sound are prepared: `preprocessor_config.json`, and the published defaults for
/// what it does not say.
struct PreprocessorConfiguration: Sendable {
  let image, video: PixelScale
  /// Pixel bounds of an image, after resizing.
  let imagePixels: PixelBounds
  /// Longest audio that is listened to, in seconds.
  let audioSeconds: Int

  /// Pixel bounds the published processor gives video frames, whatever the checkpoint says.
  static func videoPixels(factor: Int) -> PixelBounds {
    PixelBounds(least: 128 * factor * factor, most: 768 * factor * factor)
  }

  /// The published files' settings, for models that come without files.
  static func published(_ family: ModelFamily) -> PreprocessorConfiguration {
    let scale: PixelScale = family == .qwen25 ? .clip : .centred
    return PreprocessorConfiguration(
      image: scale, video: scale, imagePixels: PixelBounds(least: 3136, most: 12_845_056),
      audioSeconds: 300)
  }

  private init(image: PixelScale, video: PixelScale, imagePixels: PixelBounds, audioSeconds: Int) {
    (self.image, self.video) = (image, video)
    (self.imagePixels, self.audioSeconds) = (imagePixels, audioSeconds)
  }

  init(directory: String) throws(CheckpointError) {
    let path = directory + "/preprocessor_config.json"
    let file = try JSONFile.ifPresent(path)?.decode(PreprocessorFile.self)
    let check = Check(path: path)
    image = try PixelScale(file, check)
    let videoPath = directory + "/video_preprocessor_config.json"
    let videoFile = try JSONFile.ifPresent(videoPath)?.decode(PreprocessorFile.self)
    video = try PixelScale(videoFile ?? file, Check(path: videoPath))
    let bounds = PixelBounds(
      least: file?.min_pixels ?? file?.size?.shortest_edge ?? 3136,
      most: file?.max_pixels ?? file?.size?.longest_edge ?? 1_003_520)
    guard bounds.least >= 0, bounds.most >= max(1, bounds.least) else {
      throw check.wrong("min_pixels, max_pixels", bounds, "0 ≤ min_pixels ≤ max_pixels")
    }
    imagePixels = bounds
    audioSeconds = try check.positive(file?.chunk_length ?? 300, "chunk_length", limit: 86_400)
  }
}

/// What is taken off each channel of a pixel in 0…1, and what the rest is divided by.
struct PixelScale: Sendable {
  let mean, deviation: [Float]

  /// Of the pictures that CLIP was trained on.
  static let clip = PixelScale(
    mean: [0.48145466, 0.4578275, 0.40821073], deviation: [0.26862954, 0.26130258, 0.27577711])
  /// −1…1.
  static let centred = PixelScale(mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5])

  private init(mean: [Float], deviation: [Float]) {
    (self.mean, self.deviation) = (mean, deviation)
  }

  init(_ file: PreprocessorFile?, _ check: Check) throws(CheckpointError) {
    mean = file?.image_mean?.map { Float($0) } ?? Self.clip.mean
    deviation = file?.image_std?.map { Float($0) } ?? Self.clip.deviation
    guard mean.count == 3, deviation.count == 3, mean.allSatisfy(\.isFinite),
      deviation.allSatisfy({ $0 > 0 && $0.isFinite })
    else {
      throw check.wrong("image_mean, image_std", "\(mean), \(deviation)", "three numbers each")
    }
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
